//! `restart`, `on_error` and `timeout` of a node, and `policy` of an edge, to their raw form.

use std::time::Duration;

use super::{Shape, written};
use crate::reader::yaml::{Data, Mapping, Pair, Scalar};
use crate::reader::{
    Dependency, EdgePolicy, Name, OnError, Restart, RestartWhen, Spanned, Supervision, keys,
};

const WHEN: &str = "`never`, `on-failure` or `always`";

impl Shape<'_> {
    pub(super) fn supervision(&mut self, map: &Mapping, owner: &str) -> Supervision {
        Supervision {
            restart: written(map, "restart").and_then(|pair| self.restart(pair, owner)),
            on_error: written(map, "on_error").and_then(|pair| self.on_error(pair, owner)),
            timeout: written(map, "timeout").and_then(|pair| {
                self.seconds(pair, &format!("`timeout` of {owner}"))
                    .filter(|timeout| !timeout.is_zero())
            }),
        }
    }

    fn restart(&mut self, pair: &Pair, owner: &str) -> Option<Restart> {
        let what = format!("`restart` of {owner}");
        let Data::Map(keys) = &pair.value.data else {
            return self.when(pair, what).map(Restart::when);
        };
        self.known_keys(keys, "`restart`", keys::RESTART);
        let when = match keys.get("when") {
            Some(when) => self.when(when, format!("`when` in the {what}"))?,
            None => RestartWhen::OnFailure,
        };
        let mut restart = Restart::when(when);
        if let Some(limit) = written(keys, "limit") {
            restart.limit = self.count(limit, &format!("`limit` in the {what}"))?;
        }
        if let Some(backoff) = written(keys, "backoff") {
            restart.backoff = self.seconds(backoff, &format!("`backoff` in the {what}"))?;
        }
        Some(restart)
    }

    fn when(&mut self, pair: &Pair, what: String) -> Option<RestartWhen> {
        let when = pair
            .value
            .as_text()
            .and_then(|text| RestartWhen::parse(text));
        self.expect(when, pair, what, WHEN)
    }

    fn on_error(&mut self, pair: &Pair, owner: &str) -> Option<OnError> {
        self.word_or_count(
            pair,
            format!("`on_error` of {owner}"),
            &[("fail", OnError::Fail), ("skip", OnError::Skip)],
            ("retry", OnError::Retry),
            "`fail`, `skip` or `{retry: 3}`",
        )
    }

    /// Reads one of `words`, or a mapping with the one key of `counted` and a number.
    fn word_or_count<T: Copy>(
        &mut self,
        pair: &Pair,
        what: String,
        words: &[(&str, T)],
        counted: (&str, fn(u32) -> T),
        expected: &'static str,
    ) -> Option<T> {
        let (key, of_count) = counted;
        if let Data::Map(keys) = &pair.value.data
            && keys.len() == 1
            && let Some(count) = keys.get(key)
        {
            return self
                .count(count, &format!("`{key}` in the {what}"))
                .map(of_count);
        }
        let text = pair.value.as_text();
        let meant = words
            .iter()
            .find(|(word, _)| text.is_some_and(|text| **text == **word));
        self.expect(meant.map(|(_, value)| *value), pair, what, expected)
    }

    /// Reads `{from: node.signal, policy: latest}` behind the name of a slot.
    pub(super) fn fed(&mut self, slot: Spanned<Name>, keys: &Mapping) -> Option<Dependency> {
        self.known_keys(keys, "what feeds a slot", keys::EDGE);
        let what = format!("slot `{}`", slot.value);
        let from = keys.get("from")?;
        self.expect(
            from.value.as_text(),
            from,
            format!("`from` of {what}"),
            "`node.signal`",
        )?;
        let policy = match written(keys, "policy") {
            Some(policy) => self.policy(policy, &what)?,
            None => EdgePolicy::All,
        };
        let dependency = self.reference(&from.value, Some(slot))?;
        Some(Dependency {
            policy,
            ..dependency
        })
    }

    fn policy(&mut self, pair: &Pair, what: &str) -> Option<EdgePolicy> {
        self.word_or_count(
            pair,
            format!("`policy` of {what}"),
            &[
                ("all", EdgePolicy::All),
                ("latest", EdgePolicy::DropOldest(1)),
            ],
            ("drop_oldest", |most| EdgePolicy::DropOldest(most.max(1))),
            "`all`, `latest` or `{drop_oldest: 8}`",
        )
    }

    fn count(&mut self, pair: &Pair, what: &str) -> Option<u32> {
        let count = match &pair.value.data {
            Data::Scalar(Scalar::Int(count), _) => u32::try_from(*count).ok(),
            _ => None,
        };
        self.expect(count, pair, what, "a whole number, 0 or more")
    }

    fn seconds(&mut self, pair: &Pair, what: &str) -> Option<Duration> {
        let seconds = match &pair.value.data {
            Data::Scalar(Scalar::Int(seconds), _) => Some(*seconds as f64),
            Data::Scalar(Scalar::Float(seconds), _) => Some(*seconds),
            _ => None,
        };
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        self.expect(time, pair, what, "a number of seconds, such as `0.5`")
    }
}

//! `restart`, `on_error` and `timeout` of a node, and `policy` of an edge, to their raw form.

use std::time::Duration;

use super::Shape;
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
        match pair.value.as_text().map(|text| &**text) {
            Some("never") => Some(RestartWhen::Never),
            Some("on-failure") => Some(RestartWhen::OnFailure),
            Some("always") => Some(RestartWhen::Always),
            _ => {
                self.wrong_kind(pair, what, WHEN);
                None
            }
        }
    }

    fn on_error(&mut self, pair: &Pair, owner: &str) -> Option<OnError> {
        let what = format!("`on_error` of {owner}");
        match (&pair.value.data, pair.value.as_text().map(|text| &**text)) {
            (_, Some("fail")) => return Some(OnError::Fail),
            (_, Some("skip")) => return Some(OnError::Skip),
            (Data::Map(keys), _) if keys.len() == 1 => {
                if let Some(times) = keys.get("retry") {
                    let times = self.count(times, &format!("`retry` in the {what}"))?;
                    return Some(OnError::Retry(times));
                }
            }
            _ => {}
        }
        self.wrong_kind(pair, what, "`fail`, `skip` or `{retry: 3}`");
        None
    }

    /// Reads `{from: node.signal, policy: latest}` behind the name of a slot.
    pub(super) fn fed(&mut self, slot: Spanned<Name>, keys: &Mapping) -> Option<Dependency> {
        self.known_keys(keys, "what feeds a slot", keys::EDGE);
        let what = format!("slot `{}`", slot.value);
        let from = keys.get("from")?;
        if from.value.as_text().is_none() {
            self.wrong_kind(from, format!("`from` of {what}"), "`node.signal`");
            return None;
        }
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
        let what = format!("`policy` of {what}");
        match (&pair.value.data, pair.value.as_text().map(|text| &**text)) {
            (_, Some("all")) => return Some(EdgePolicy::All),
            (_, Some("latest")) => return Some(EdgePolicy::DropOldest(1)),
            (Data::Map(keys), _) if keys.len() == 1 => {
                if let Some(most) = keys.get("drop_oldest") {
                    let most = self.count(most, &format!("`drop_oldest` in the {what}"))?;
                    return Some(EdgePolicy::DropOldest(most.max(1)));
                }
            }
            _ => {}
        }
        self.wrong_kind(pair, what, "`all`, `latest` or `{drop_oldest: 8}`");
        None
    }

    fn count(&mut self, pair: &Pair, what: &str) -> Option<u32> {
        let count = match &pair.value.data {
            Data::Scalar(Scalar::Int(count), _) => u32::try_from(*count).ok(),
            _ => None,
        };
        if count.is_none() {
            self.wrong_kind(pair, what, "a whole number, 0 or more");
        }
        count
    }

    fn seconds(&mut self, pair: &Pair, what: &str) -> Option<Duration> {
        let seconds = match &pair.value.data {
            Data::Scalar(Scalar::Int(seconds), _) => Some(*seconds as f64),
            Data::Scalar(Scalar::Float(seconds), _) => Some(*seconds),
            _ => None,
        };
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        if time.is_none() {
            self.wrong_kind(pair, what, "a number of seconds, such as `0.5`");
        }
        time
    }
}

/// Returns the pair of a key, if the key is there and its value is not null.
fn written<'m>(map: &'m Mapping, key: &str) -> Option<&'m Pair> {
    map.get(key).filter(|pair| !pair.value.is_null())
}

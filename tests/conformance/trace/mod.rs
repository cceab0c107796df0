//! Repeats a recorded run of noob's scheduler on `Scheduler`, operation by operation.
//!
//! | noob | noob-zmq |
//! |---|---|
//! | `add_epoch` | `open_next` |
//! | `get_ready`, `get_ready_at` | `take_ready`; other calls wait for the next request |
//! | `update` | an event for each event, `node_done` for each call, and `take_ended` |
//! | `done`, `expire` of a node or a signal | the same with one event |
//! | `epoch_completed` | `is_ended` |
//! | `node_is_done` | `may_run`, negated |
//! | `node_is_ready`, `is_active_at`, `first_active_epoch` | the open calls of `take_ready` |
//! | `observe` | `exhausted`, and the three above, without the list of sub-epochs |
//!
//! noob's scheduler opens the next root epoch when the sources of one are done, or when it ends;
//! here the caller opens it at that time. noob hands out `input` and `assets` as nodes; here they
//! are given.

mod replay;
mod rules;
mod tube;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::recording::items;
use replay::Replay;
pub(crate) use rules::RULES;

/// Outcome of a trace: the number of equal answers, of operations that do not exist here, and the
/// end.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    pub(crate) same: usize,
    pub(crate) not_offered: usize,
    pub(crate) differs: Option<Differs>,
    /// Rules by which calls came earlier or later than recorded, without another difference.
    pub(crate) order_rules: BTreeSet<&'static str>,
}

/// Different answer, with its rule of `docs/differences.md`.
#[derive(Debug)]
pub(crate) struct Differs {
    pub(crate) why: String,
    pub(crate) rule: Option<&'static str>,
}

impl From<String> for Differs {
    fn from(why: String) -> Self {
        Self { why, rule: None }
    }
}

impl From<&str> for Differs {
    fn from(why: &str) -> Self {
        why.to_owned().into()
    }
}

/// Repeats a trace, up to the first different answer.
pub(crate) fn check(trace: &Json) -> Replayed {
    let mut replay = Replay::new(trace);
    let mut replayed = Replayed::default();
    for (number, step) in items(&trace["steps"]).enumerate() {
        match replay.step(step) {
            None => {
                replayed.not_offered += 1;
                // Later operations depend on this answer.
                break;
            }
            Some(Ok(())) => replayed.same += 1,
            Some(Err(Differs { why, rule })) => {
                let why = format!("step {number}, {}: {why}", step["op"]);
                replayed.differs = Some(Differs { why, rule });
                break;
            }
        }
    }
    replayed.order_rules = replay.order_rules;
    replayed
}

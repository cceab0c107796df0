//! Deviation of a run from its recording.

use noob_zmq::graph::spec::{Diagnostic, TubeErrors};
use serde_json::Value as Json;

use super::case::first;
use super::compare::{Failure, same};

/// Outcome of a comparison.
pub(crate) type Compared = Result<(), Box<Deviation>>;

/// Answer of noob-zmq that differs from the recorded one.
#[derive(Debug)]
pub(crate) struct Deviation {
    /// Number of the call; `None` for the load, `run` and `iter`.
    pub(crate) call: Option<usize>,
    pub(crate) came: Came,
    /// Recorded value.
    pub(crate) value: Json,
    /// Type of the recorded error.
    pub(crate) error: Option<String>,
    /// Description for people.
    pub(crate) why: String,
}

/// Answer of noob-zmq.
#[derive(Debug)]
pub(crate) enum Came {
    /// The tube was refused, and noob loads it.
    Refused(Vec<Diagnostic>),
    /// The tube was loaded or started, and noob refuses it; or it was refused for another reason.
    Loaded,
    Answer(Result<Json, Failure>),
    /// The events of a call; the recorded value of the deviation is the list of noob's events.
    Events(Vec<Json>),
}

/// Part of a value that differs: recorded and came; `None` where a key is absent.
pub(crate) type Leaf<'v> = (Option<&'v Json>, Option<&'v Json>);

impl Deviation {
    pub(crate) fn loaded(why: String) -> Box<Self> {
        Self::at_load(Came::Loaded, why)
    }

    pub(crate) fn refused(errors: &TubeErrors) -> Box<Self> {
        let why = format!("it was refused: {}", first(errors));
        Self::at_load(Came::Refused(errors.diagnostics().to_vec()), why)
    }

    fn at_load(came: Came, why: String) -> Box<Self> {
        Box::new(Self {
            call: None,
            came,
            value: Json::Null,
            error: None,
            why,
        })
    }

    /// Returns whether noob's call did not return, and the call of noob-zmq did.
    pub(crate) fn hung(&self) -> bool {
        self.error.as_deref() == Some("$HANG") && matches!(self.came, Came::Answer(_))
    }

    /// Returns whether noob's call failed, and the call of noob-zmq did not.
    pub(crate) fn failed_there(&self) -> bool {
        self.error.as_deref().is_some_and(|error| error != "$HANG")
            && matches!(self.came, Came::Answer(Ok(_)))
    }

    /// Returns whether both calls returned values, and `fits` holds for all parts that differ.
    pub(crate) fn every_leaf(&self, fits: impl Fn(Leaf) -> bool) -> bool {
        let Came::Answer(Ok(came)) = &self.came else {
            return false;
        };
        let leaves = leaves(&self.value, came);
        self.error.is_none() && !leaves.is_empty() && leaves.into_iter().all(fits)
    }

    /// Returns whether the value of noob-zmq has more keys, and is equal otherwise.
    pub(crate) fn more_keys(&self) -> bool {
        self.every_leaf(|(recorded, came)| recorded.is_none() && came.is_some())
    }
}

/// Returns the parts in which two values differ.
///
/// Null is a mapping without keys beside a mapping: nothing was returned.
pub(crate) fn leaves<'v>(recorded: &'v Json, came: &'v Json) -> Vec<Leaf<'v>> {
    match (recorded, came) {
        _ if same(recorded, came) => Vec::new(),
        (Json::Null, Json::Object(came)) => came.values().map(|came| (None, Some(came))).collect(),
        (Json::Object(recorded), Json::Null) => {
            let keys = recorded.values();
            keys.map(|recorded| (Some(recorded), None)).collect()
        }
        (Json::Object(recorded), Json::Object(came)) => {
            let over = came.iter().filter(|(key, _)| !recorded.contains_key(*key));
            let mut found: Vec<Leaf> = over.map(|(_, value)| (None, Some(value))).collect();
            for (key, value) in recorded {
                match came.get(key) {
                    Some(came) => found.extend(leaves(value, came)),
                    None => found.push((Some(value), None)),
                }
            }
            found
        }
        (Json::Array(recorded), Json::Array(came)) if recorded.len() == came.len() => {
            let pairs = recorded.iter().zip(came);
            pairs
                .flat_map(|(recorded, came)| leaves(recorded, came))
                .collect()
        }
        (Json::Null, came) => vec![(None, Some(came))],
        (recorded, Json::Null) => vec![(Some(recorded), None)],
        (recorded, came) => vec![(Some(recorded), Some(came))],
    }
}

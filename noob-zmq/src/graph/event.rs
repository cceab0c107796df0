//! Events: one value of one signal in one epoch.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Emit, Epoch, Name, Timestamp, Value};

/// Value of one signal in one epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Opaque number, unique among the events of its node only.
    pub id: u64,
    /// The time at which the call that emitted the event ended.
    pub timestamp: Timestamp,
    /// The node that emitted the event.
    pub node_id: Name,
    /// The signal on which the event was emitted.
    pub signal: Name,
    /// The epoch to which the event belongs.
    pub epoch: Epoch,
    /// The value that was emitted.
    #[serde(with = "emit")]
    pub value: Emit<Value>,
}

impl Event {
    /// Returns the event of a node's signal in an epoch.
    #[must_use]
    pub fn new(
        id: u64,
        timestamp: Timestamp,
        node_id: impl Into<Name>,
        signal: impl Into<Name>,
        epoch: Epoch,
        value: impl Into<Emit>,
    ) -> Self {
        Self {
            id,
            timestamp,
            node_id: node_id.into(),
            signal: signal.into(),
            epoch,
            value: value.into(),
        }
    }
}

/// The value itself in formats of serde, `{"$emit": "nothing"}` or `{"$emit": "exhausted"}`.
///
/// A value that is such a map itself is written with one more `$` in front of its key.
///
/// `Emit` does not implement the traits of serde, since it would be an output of nodes twice then.
mod emit {
    use super::{Deserialize, Deserializer, Emit, Serialize, Serializer, Value};

    const NO_VALUE: &str = "$emit";
    const NOTHING: &str = "nothing";
    const EXHAUSTED: &str = "exhausted";

    pub(super) fn serialize<S: Serializer>(emit: &Emit, serializer: S) -> Result<S::Ok, S::Error> {
        match emit {
            Emit::Value(value) => match own_key(value) {
                Some((key, value)) => serializer.collect_map([(format!("${key}"), value)]),
                None => value.serialize(serializer),
            },
            Emit::Nothing => serializer.collect_map([(NO_VALUE, NOTHING)]),
            Emit::Exhausted => serializer.collect_map([(NO_VALUE, EXHAUSTED)]),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Emit, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(match own_key(&value) {
            Some((NO_VALUE, word)) if word.as_str() == Some(NOTHING) => Emit::Nothing,
            Some((NO_VALUE, word)) if word.as_str() == Some(EXHAUSTED) => Emit::Exhausted,
            Some((key, value)) if key != NO_VALUE => {
                Emit::Value([(&key[1..], value.clone())].into_iter().collect())
            }
            _ => Emit::Value(value),
        })
    }

    /// Returns the only key of a map, if it is [`NO_VALUE`] with any number of `$`, and its value.
    fn own_key(value: &Value) -> Option<(&str, &Value)> {
        let map = value.as_map().filter(|map| map.len() == 1)?;
        let (key, value) = map.first()?;
        let is_own = key.starts_with('$') && key.trim_start_matches('$') == &NO_VALUE[1..];
        is_own.then_some((key.as_str(), value))
    }
}

//! Updates of signals, and the result of applying one.

use serde::{Deserialize, Serialize};

use super::expansion::MapCall;
use crate::graph::{Emit, Epoch, Name};

/// Outcome of a signal, as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalUpdate {
    /// A value.
    Value,
    /// Nothing happened.
    Nothing,
    /// Nothing happened, and nothing ever will again: the source is exhausted.
    Exhausted,
    /// Neither a value nor nothing, ever: a node above is disabled, or was exhausted earlier.
    Never,
    /// The last of the values that were emitted: a `gather` has made all its calls.
    Last,
}

/// Outcome of a signal that no event tells: of a node that is not called, of the items of a `map`,
/// or of a `gather` whose calls are finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outcome {
    /// Node of the signal.
    pub node_id: Name,
    /// The signal.
    pub signal: Name,
    /// Epoch of the outcome.
    pub epoch: Epoch,
    /// The outcome; `Value` of a `map` means that the item exists.
    pub update: SignalUpdate,
}

impl Outcome {
    /// Returns the outcome of a node's signal in an epoch.
    #[must_use]
    pub fn new(
        node_id: impl Into<Name>,
        signal: impl Into<Name>,
        epoch: Epoch,
        update: SignalUpdate,
    ) -> Self {
        Self {
            node_id: node_id.into(),
            signal: signal.into(),
            epoch,
            update,
        }
    }
}

impl<T> From<&Emit<T>> for SignalUpdate {
    fn from(emit: &Emit<T>) -> Self {
        match emit {
            Emit::Value(_) => Self::Value,
            Emit::Nothing => Self::Nothing,
            Emit::Exhausted => Self::Exhausted,
        }
    }
}

/// Result of applying an update to the scheduler.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Applied {
    /// The update was new.
    New,
    /// The signal has an outcome already, the same or another; nothing has changed.
    Duplicate,
    /// The root epoch is closed, or the `map` has completed its items; nothing has changed.
    Closed,
    /// The sub-epoch may come to exist by this call of a `map`; nothing has changed.
    Pending(MapCall),
    /// The node cannot emit that, or not in such an epoch; nothing has changed.
    Impossible,
}

impl Applied {
    /// Returns `New` if either is.
    pub(super) fn or_new(self, other: Self) -> Self {
        if self == Self::New { self } else { other }
    }
}

//! Updates of signals, and the result of applying one.

use super::expansion::MapCall;
use crate::graph::Emit;

/// Outcome of a signal, as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignalUpdate {
    /// A value.
    Value,
    /// Nothing happened.
    Nothing,
    /// Nothing happened, and nothing ever will again: the source is exhausted.
    Exhausted,
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

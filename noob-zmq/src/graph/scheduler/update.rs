//! Updates of signals, and the result of applying one.

use crate::graph::Emit;

/// What was heard on a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignalUpdate {
    /// A value.
    Value,
    /// Nothing happened.
    Nothing,
    /// Nothing happened, and nothing ever will: the source has ended.
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

/// What the scheduler made of something that it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Applied {
    /// It was news.
    New,
    /// It was known, or known otherwise; nothing has changed.
    Duplicate,
    /// The root epoch is over; nothing has changed.
    Closed,
    /// That node cannot say that, or not in such an epoch; nothing has changed.
    Unknown,
}

impl Applied {
    /// News, if either is.
    pub(super) fn or_new(self, other: Self) -> Self {
        if self == Self::New { self } else { other }
    }
}

//! The outcome of a signal: a value, nothing, or exhausted.

use super::Value;

/// Outcome of one signal in one epoch.
#[derive(Debug, Clone, PartialEq)]
pub enum Emit<T = Value> {
    /// A value.
    Value(T),
    /// Nothing happened on this signal in this epoch (`NoEvent` in noob).
    Nothing,
    /// Nothing happened, and nothing will ever happen again: the source is exhausted.
    Exhausted,
}

impl<T> Emit<T> {
    /// Returns the value, if one was emitted.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Exhausted => None,
        }
    }

    /// The same about a borrowed value.
    #[must_use]
    pub const fn as_ref(&self) -> Emit<&T> {
        match self {
            Self::Value(value) => Emit::Value(value),
            Self::Nothing => Emit::Nothing,
            Self::Exhausted => Emit::Exhausted,
        }
    }

    /// The same about another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Emit<U> {
        match self {
            Self::Value(value) => Emit::Value(change(value)),
            Self::Nothing => Emit::Nothing,
            Self::Exhausted => Emit::Exhausted,
        }
    }

    /// Converts the value with a fallible function.
    ///
    /// # Errors
    /// The error of `change`.
    pub fn try_map<U, E>(self, change: impl FnOnce(T) -> Result<U, E>) -> Result<Emit<U>, E> {
        Ok(match self {
            Self::Value(value) => Emit::Value(change(value)?),
            Self::Nothing => Emit::Nothing,
            Self::Exhausted => Emit::Exhausted,
        })
    }
}

impl<T> From<T> for Emit<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// `None` is nothing.
impl<T> From<Option<T>> for Emit<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Self::Value)
    }
}

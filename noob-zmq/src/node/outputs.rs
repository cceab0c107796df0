//! Outputs of a call.

use std::fmt;
use std::ops::Deref;

use crate::graph::{Emit, Epoch, Name, Value};

/// Signals that one call of a node has emitted, in order.
#[derive(Debug, Default)]
pub struct Outputs {
    emitted: Vec<Emitted>,
}

/// An emitted signal, in an epoch (`None`: the epoch of the call).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Emitted {
    /// The signal.
    pub signal: SignalName,
    /// The epoch, if it is not the one of the call.
    pub epoch: Option<Epoch>,
    /// Outcome of the signal.
    pub value: Emit<Value>,
}

impl Outputs {
    /// Emits `value` on `signal` in the epoch of the call.
    pub fn emit(&mut self, signal: impl Into<SignalName>, value: Emit<Value>) {
        self.emitted.push(Emitted {
            signal: signal.into(),
            epoch: None,
            value,
        });
    }

    /// Emits `value` on `signal` in another epoch, as `map` and `gather` do.
    pub fn emit_in(&mut self, epoch: Epoch, signal: impl Into<SignalName>, value: Emit<Value>) {
        self.emitted.push(Emitted {
            signal: signal.into(),
            epoch: Some(epoch),
            value,
        });
    }

    /// Returns everything that was emitted, in order.
    #[must_use]
    pub fn emitted(&self) -> &[Emitted] {
        &self.emitted
    }

    /// Returns whether a signal was [exhausted](Emit::Exhausted).
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.emitted
            .iter()
            .any(|said| said.value == Emit::Exhausted)
    }

    /// Removes and returns everything that was emitted.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Emitted> {
        self.emitted.drain(..)
    }
}

/// The name of a signal, without an allocation if it is a literal of the program, as almost all
/// are.
#[derive(Clone)]
pub struct SignalName(Written);

#[derive(Clone)]
enum Written {
    Text(&'static str),
    Name(Name),
}

impl Deref for SignalName {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Written::Text(text) => text,
            Written::Name(name) => name,
        }
    }
}

impl From<&'static str> for SignalName {
    fn from(text: &'static str) -> Self {
        Self(Written::Text(text))
    }
}

impl From<Name> for SignalName {
    fn from(name: Name) -> Self {
        Self(Written::Name(name))
    }
}

impl From<String> for SignalName {
    fn from(name: String) -> Self {
        Self(Written::Name(name.into()))
    }
}

impl PartialEq for SignalName {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SignalName {}

impl PartialEq<str> for SignalName {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl fmt::Debug for SignalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for SignalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

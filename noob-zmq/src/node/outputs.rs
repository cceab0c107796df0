//! Outputs of a call.

use std::borrow::Cow;

use crate::graph::{Emit, Epoch, Value};

/// Signals that one call of a node has emitted, in order.
#[derive(Debug, Default)]
pub struct Outputs {
    emitted: Vec<Emitted>,
}

/// An emitted signal, in an epoch (`None`: the epoch of the call).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Emitted {
    /// The signal; almost always a literal of the program, which costs no allocation.
    pub signal: Cow<'static, str>,
    /// The epoch, if it is not the one of the call.
    pub epoch: Option<Epoch>,
    /// Outcome of the signal.
    pub value: Emit<Value>,
}

impl Outputs {
    /// Emits `value` on `signal` in the epoch of the call.
    pub fn emit(&mut self, signal: impl Into<Cow<'static, str>>, value: Emit<Value>) {
        self.push(signal.into(), None, value);
    }

    /// Emits `value` on `signal` in another epoch, as `map` and `gather` do.
    pub fn emit_in(
        &mut self,
        epoch: Epoch,
        signal: impl Into<Cow<'static, str>>,
        value: Emit<Value>,
    ) {
        self.push(signal.into(), Some(epoch), value);
    }

    fn push(&mut self, signal: Cow<'static, str>, epoch: Option<Epoch>, value: Emit<Value>) {
        self.emitted.push(Emitted {
            signal,
            epoch,
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

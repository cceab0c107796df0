//! Types that a node may return.

use serde::Serialize;

use crate::graph::{Emit, Value, ValueError, dense, to_value};
use crate::node::{Call, NodeError, NodeType, Outputs, Signal};

/// Types that a node may return: every type that serde can serialize, [`Emit`], or a struct of
/// signals.
///
/// `Result<T, E>` is not among these: `#[node]` unwraps it.
#[diagnostic::on_unimplemented(
    message = "a node cannot return `{Self}`",
    label = "cannot be made a value of a tube",
    note = "what a node returns is serialised: derive `serde::Serialize` for `{Self}`, or return \
        `Emit<T>`, or `Result<T, E>` with such a `T`"
)]
pub trait Output: Sized {
    /// Its signals, if it names them itself; otherwise the node has one.
    const SIGNALS: Option<&'static [Signal]> = None;

    /// Emits all signals of the result.
    ///
    /// # Errors
    /// A part of the result cannot be converted to a [`Value`].
    fn emit(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<(), NodeError>;

    /// Emits all signals as the result of a call.
    ///
    /// # Errors
    /// Those of [`emit`](Self::emit).
    fn emit_to(self, call: &mut Call<'_>) -> Result<(), NodeError> {
        call.emit(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + 'static> Output for T {
    fn emit(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<(), NodeError> {
        emit_on(0, Emit::Value(self), node, outputs)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + 'static> Output for Emit<T> {
    fn emit(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<(), NodeError> {
        emit_on(0, self, node, outputs)
    }
}

/// Types that a signal can carry: every type that serde can serialize.
#[diagnostic::on_unimplemented(
    message = "a signal cannot carry a `{Self}`",
    label = "cannot be made a value of a tube",
    note = "what a node says is serialised: derive `serde::Serialize` for `{Self}`"
)]
pub trait IntoSignal: Sized {
    /// Converts to a value.
    ///
    /// # Errors
    /// The type cannot be serialized.
    fn value(self) -> Result<Value, ValueError>;

    /// See [`emit_on`].
    ///
    /// # Errors
    /// Those of [`emit_on`].
    fn emit_on(
        emit: Emit<Self>,
        index: usize,
        node: &'static NodeType,
        outputs: &mut Outputs,
    ) -> Result<(), NodeError>;

    /// Converts the state that a `#[snapshot]` method returns.
    ///
    /// # Errors
    /// The type cannot be serialized.
    fn snapshot_value(self) -> Result<Option<Value>, NodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + 'static> IntoSignal for T {
    fn value(self) -> Result<Value, ValueError> {
        dense::pack(self).or_else(|other| to_value(&other))
    }

    fn emit_on(
        emit: Emit<Self>,
        index: usize,
        node: &'static NodeType,
        outputs: &mut Outputs,
    ) -> Result<(), NodeError> {
        emit_on(index, emit, node, outputs)
    }

    fn snapshot_value(self) -> Result<Option<Value>, NodeError> {
        self.value().map(Some).map_err(|error| {
            NodeError::from(error).context("what `#[snapshot]` gives cannot be made a value")
        })
    }
}

/// Emits on the signal with this number (from 0).
///
/// # Errors
/// The value cannot be converted to a [`Value`]; the text names the node type and the signal.
pub fn emit_on<T: IntoSignal>(
    index: usize,
    emit: Emit<T>,
    node: &'static NodeType,
    outputs: &mut Outputs,
) -> Result<(), NodeError> {
    let signal = node.signals.get(index).ok_or_else(|| {
        NodeError::new(format!(
            "node type `{}` has no signal number {index}",
            node.name()
        ))
    })?;
    let emit = emit.try_map(|value| {
        value.value().map_err(|error| {
            NodeError::from(error).context(format!(
                "signal `{}` of `{}`: this `{}` cannot be made a value",
                signal.name,
                node.name(),
                signal.type_name
            ))
        })
    })?;
    outputs.emit(signal.name, emit);
    Ok(())
}

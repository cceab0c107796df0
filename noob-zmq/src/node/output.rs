//! What a node may return.

use serde::Serialize;

use super::{NodeError, NodeType, Outputs, Signal};
use crate::graph::{Emit, Value, to_value};

/// What a node may return: anything that serde can serialise, [`Emit`], or a struct of signals.
///
/// `Result<T, E>` is not among these: `#[node]` takes it apart.
#[diagnostic::on_unimplemented(
    message = "a node cannot return `{Self}`",
    label = "cannot be made a value of a tube",
    note = "what a node returns is serialised: derive `serde::Serialize` for `{Self}`, or return `Emit<T>`, or `Result<T, E>` with such a `T`"
)]
pub trait Output: Sized {
    /// Its signals, if it names them itself; otherwise the node has one.
    const SIGNALS: Option<&'static [Signal]> = None;

    /// Says all that it holds.
    ///
    /// # Errors
    /// Something in it cannot be made a [`Value`].
    fn say(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<(), NodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Output for T {
    fn say(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<(), NodeError> {
        say_on(0, Emit::Value(self), node, outputs)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Output for Emit<T> {
    fn say(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<(), NodeError> {
        say_on(0, self, node, outputs)
    }
}

/// What a signal can carry: anything that serde can serialise.
#[diagnostic::on_unimplemented(
    message = "a signal cannot carry a `{Self}`",
    label = "cannot be made a value of a tube",
    note = "what a node says is serialised: derive `serde::Serialize` for `{Self}`"
)]
pub trait Carried: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Carried for T {}

/// Says something on the signal of this number (from 0).
///
/// # Errors
/// It cannot be made a [`Value`]; the text names the node type and the signal.
pub fn say_on<T: Carried>(
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
    let emit = match emit {
        Emit::Value(value) => Emit::Value(to_value(&value).map_err(|error| {
            NodeError::from(error).context(format!(
                "signal `{}` of `{}`: this `{}` cannot be made a value",
                signal.name,
                node.name(),
                signal.type_name
            ))
        })?),
        Emit::Nothing => Emit::<Value>::Nothing,
        Emit::Exhausted => Emit::Exhausted,
    };
    outputs.say(signal.name, emit);
    Ok(())
}

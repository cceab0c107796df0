//! Nodes: the trait, node types, and their registry.
//!
//! A user writes [`#[node]`](macro@crate::node) on a function or an `impl` block. The macro creates
//! a [`NodeType`], which has the arguments, the signals and the source location, and enters the
//! type into the [`Registry`] of the program, where tubes find it by its name. A runner
//! [builds](NodeType::build) a [`Node`] of the type in the process where the node runs, and calls
//! it once for each epoch.
//!
//! ```
//! use noob_zmq::graph::{Epoch, Map, Value};
//! use noob_zmq::node::{Inputs, Outputs, Registry};
//!
//! #[noob_zmq::node(name = "sums.twice")]
//! fn twice(number: i64) -> i64 {
//!     2 * number
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let node_type = Registry::get()?.lookup("sums.twice")?;
//! let mut node = node_type.build(&Map::new())?;
//! let mut inputs = Inputs::new(Epoch::root(0), Default::default());
//! inputs.positional.push(Value::Int(21));
//! let mut outputs = Outputs::default();
//! node.init()?;
//! node.process(&inputs, &mut outputs)?;
//! println!("{:?}", outputs.emitted()); // one signal: 42 on `value`
//! # Ok(())
//! # }
//! ```
//!
//! This module decides neither when a node is called (the scheduler of [`graph`](crate::graph)
//! does) nor where it runs (a [`runner`](crate::runner) does).

mod argument;
mod asset;
mod block_on;
mod call;
mod dynamic;
mod entry;
mod error;
mod events;
mod from_argument;
mod inputs;
mod instance;
mod large_bytes;
#[doc(hidden)]
pub mod macro_support;
mod node_type;
mod outputs;
mod registry;
mod returned;
pub mod special;
#[cfg(test)]
mod tests;
mod type_source;

pub use self::argument::{Argument, Signal, one_signal, signals};
pub(crate) use self::asset::next_id;
pub use self::asset::{Asset, AssetType, Made};
pub use self::block_on::block_on;
pub(crate) use self::block_on::with_blocking_allowed;
pub use self::call::{ArgumentValue, Call, Params};
pub use self::dynamic::{DynamicArgument, DynamicNodeType};
pub use self::entry::NodeEntry;
pub use self::error::{IntoNodeError, NodeError, NodeErrorKind, wrap_err};
pub use self::events::EventMap;
pub use self::from_argument::FromArgument;
pub use self::inputs::Inputs;
pub use self::instance::{Class, source};
pub use self::large_bytes::large_bytes;
pub(crate) use self::large_bytes::{Lender, set_lender};
pub use self::macro_support::{RemainingSlots, ShapeFallback, ShapeProbe};
pub use self::node_type::{NodeKind, NodeType, Shape};
pub use self::outputs::{Emitted, Outputs};
pub use self::registry::{Registry, RegistryError, RegistryErrorKind};
pub use self::returned::{IntoSignal, Output, emit_on};
pub use self::type_source::TypeSource;

use crate::graph::Value;

/// A node that can be called: made by [`NodeType::build`] from the `params` of the tube, then
/// called once for each epoch.
///
/// Users write `#[node]`, which generates the implementation. All methods run on the thread that a
/// runner gives to the node, and may block it.
pub trait Node: Send {
    /// Prepares the node before the first call, in the process where it runs.
    ///
    /// # Errors
    /// The error of the node; the runner does not start.
    fn init(&mut self) -> Result<(), NodeError> {
        Ok(())
    }

    /// Runs one call: reads the slots from `inputs` and emits into `outputs`.
    ///
    /// A declared signal on which nothing is emitted counts as
    /// [`Emit::Nothing`](crate::graph::Emit::Nothing).
    ///
    /// # Errors
    /// The error of the node; the epoch fails with it.
    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError>;

    /// Reports that a root epoch has failed or was skipped, so that everything emitted in it is
    /// discarded.
    ///
    /// Called before the next call, also for epochs in which the node was not called. State that a
    /// node has derived from such an epoch is not undone.
    fn epoch_failed(&mut self, epoch: u32) {
        let _ = epoch;
    }

    /// Returns the state that the node needs in order to continue in another process; `None` for a
    /// node without snapshots.
    ///
    /// Called after each call, if the tube says that the process of the node is restarted when it
    /// exits. The types of such nodes are [`NodeType::restorable`].
    ///
    /// # Errors
    /// The state cannot be converted to a [`Value`]; the call fails with the error.
    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        Ok(None)
    }

    /// Replaces the state by one that [`snapshot`](Self::snapshot) returned in the process that
    /// this one replaces; called after [`init`](Self::init).
    ///
    /// # Errors
    /// The state is not one of this node; the call that needs it fails.
    fn restore(&mut self, state: &Value) -> Result<(), NodeError> {
        let _ = state;
        Err(NodeError::new(
            "a node without `#[restore]` was given a state",
        ))
    }

    /// Cleans up after the last call.
    ///
    /// # Errors
    /// The error of the node, which is reported; the shutdown continues.
    fn deinit(&mut self) -> Result<(), NodeError> {
        Ok(())
    }
}

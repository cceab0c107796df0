//! What a node is: the trait, what is known of its type, and the registry.
//!
//! People write [`#[node]`](macro@crate::node) on a function or an `impl` block. That makes a [`NodeType`], which knows arguments, signals
//! and the place in the source, and enters it into the [`Registry`] of the program, where tubes find it by its name. A runner has the
//! type [`build`](NodeType::build) a live [`Node`] in the process where it is to run, and calls that once for each epoch.
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
//! println!("{:?}", outputs.emitted()); // one thing: 42, on the signal `value`
//! # Ok(())
//! # }
//! ```
//!
//! Not here: when a node is called (the scheduler of [`graph`](crate::graph) says so), and where it runs (the
//! [`runner`](crate::runner)s do).

mod argument;
mod asset;
mod block_on;
mod call;
mod entry;
mod error;
mod events;
mod inputs;
mod instance;
#[doc(hidden)]
pub mod macro_support;
mod node_type;
mod outputs;
mod registry;
pub mod special;
#[cfg(test)]
mod tests;

pub use self::argument::{Argument, Signal, one_signal, signals};
pub(crate) use self::asset::next_id;
pub use self::asset::{Asset, AssetType, Made, RegisteredAsset};
pub use self::block_on::block_on;
pub(crate) use self::block_on::with_blocking_allowed;
pub use self::call::{ArgumentValue, Call, Params};
pub use self::entry::NodeEntry;
pub use self::error::{IntoNodeError, NodeError, wrap_err};
pub use self::events::EventMap;
pub use self::inputs::Inputs;
pub use self::instance::{Class, source};
pub use self::macro_support::{
    FromArgument, IntoSignal, Output, RemainingSlots, ShapeFallback, ShapeProbe, emit_on,
};
pub use self::node_type::{Location, NodeKind, NodeType, Shape};
pub use self::outputs::{Emitted, Outputs, SignalName};
pub use self::registry::{Registered, Registry, RegistryError};

use crate::graph::Value;

/// A live node. Made by [`NodeType::build`] from the `params` of the tube, then called once for each epoch.
///
/// People write `#[node]`; the macro writes this.
pub trait Node: Send {
    /// Before the first call, in the process where the node runs.
    ///
    /// # Errors
    /// Whatever the node says is wrong; the runner does not start.
    fn init(&mut self) -> Result<(), NodeError> {
        Ok(())
    }

    /// One call: reads its slots from `inputs`, says what it has to say in `outputs`.
    ///
    /// Every declared signal that `outputs` was not told about is taken as [`Emit::Nothing`](crate::graph::Emit::Nothing).
    ///
    /// # Errors
    /// Whatever the node says is wrong; the epoch fails with it.
    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError>;

    /// A root epoch has failed or was left out: nothing that was said in it counts any more. Told before the next call, of epochs that the
    /// node was not called in too. What a node of a type of one's own has made of such an epoch stays.
    fn epoch_failed(&mut self, epoch: u32) {
        let _ = epoch;
    }

    /// What it knows from the calls so far, and would need to go on in another process; `None` for a node that cannot say.
    ///
    /// Asked after each call, where the tube says that the process of the node is started again when it ends. A type whose nodes answer says
    /// so ([`NodeType::restorable`]).
    ///
    /// # Errors
    /// What it knows cannot be made a [`Value`]; the call fails with it.
    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        Ok(None)
    }

    /// Goes on from what [`snapshot`](Self::snapshot) gave, in a process that took the place of the one that gave it: after
    /// [`init`](Self::init), in place of all that it knows.
    ///
    /// # Errors
    /// It is no such state; the call that needs it fails.
    fn restore(&mut self, state: &Value) -> Result<(), NodeError> {
        let _ = state;
        Err(NodeError::new(
            "a node without `#[restore]` was given a state",
        ))
    }

    /// After the last call.
    ///
    /// # Errors
    /// Whatever the node says is wrong; it is reported, and the shutdown goes on.
    fn deinit(&mut self) -> Result<(), NodeError> {
        Ok(())
    }
}

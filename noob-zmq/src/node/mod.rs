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
//! println!("{:?}", outputs.said()); // one thing: 42, on the signal `value`
//! # Ok(())
//! # }
//! ```
//!
//! Not here: when a node is called (the scheduler of [`graph`](crate::graph) says so), and where it runs (the
//! [`runner`](crate::runner)s do).

mod argument;
#[cfg(test)]
mod argument_tests;
mod asset;
mod asynchronous;
mod call;
mod entry;
mod error;
mod events;
pub mod known;
mod live;
mod output;
mod probe;
mod registry;
mod rest;
mod said;
pub mod special;
#[cfg(test)]
mod tests;
mod types;

pub use argument::{Argument, Signal, one_signal, signals};
pub(crate) use asset::next_id;
pub use asset::{Asset, AssetType, Made, RegisteredAsset};
pub use asynchronous::block_on;
pub(crate) use asynchronous::waiting;
pub use call::{Argued, Call, Params};
pub use entry::NodeEntry;
pub use error::{IntoNodeError, NodeError, wrap_err};
pub use events::EventMap;
pub use live::{Class, source};
pub use output::{Carried, Output, say_on};
pub use probe::{Guess, Probe};
pub use registry::{Registered, Registry, RegistryError};
pub use rest::Rest;
pub use said::{Outputs, Said, SignalName};
pub use types::{Location, NodeKind, NodeType, Shape};

use crate::graph::{Arguments, Epoch, NodeIx, SlotEvent, SlotValues, Store, Value};

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

/// What one call of a node is given.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The epoch of this call.
    pub epoch: Epoch,
    /// Values by position (`depends` without slot names, and the scalar form).
    pub positional: Vec<Value>,
    /// Values by slot name. A slot that was released without a value is absent.
    pub named: SlotValues,
    /// The events behind these values, if the type of the node asks for them.
    pub events: Vec<SlotEvent>,
}

impl Inputs {
    /// What a store has for a call in this epoch.
    #[must_use]
    pub fn new(epoch: Epoch, arguments: Arguments) -> Self {
        let named = arguments.named.into_iter();
        Self {
            epoch,
            positional: arguments.positional,
            named: named
                .map(|argument| (argument.slot, argument.value))
                .collect(),
            events: Vec::new(),
        }
    }

    /// All that a store has for a call of this node in this epoch, with the events if the node asks for them.
    #[must_use]
    pub fn at(store: &Store, epoch: Epoch, node: NodeIx) -> Self {
        let mut inputs = Self::new(epoch, Arguments::default());
        inputs.read(store, node);
        inputs
    }

    /// As [`at`](Self::at), in the place of what was here before.
    pub(crate) fn renew(&mut self, store: &Store, epoch: Epoch, node: NodeIx) {
        self.epoch = epoch;
        self.read(store, node);
    }

    fn read(&mut self, store: &Store, node: NodeIx) {
        store.fill(&self.epoch, node, &mut self.positional, &mut self.named);
        self.events = store.events(&self.epoch, node);
    }
}

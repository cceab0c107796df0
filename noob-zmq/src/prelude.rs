//! The names that a program with nodes of its own needs: `use noob_zmq::prelude::*;`.
//!
//! Everything here is exported by the modules of this crate as well. The first group is enough to
//! load a tube, to run it, and to write nodes; the second is for programs that extend the actors
//! of a run or have actors of their own.
//!
//! ```
//! use noob_zmq::prelude::*;
//!
//! #[node]
//! fn twice(value: u64) -> u64 {
//!     2 * value
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let text = format!(
//!         "
//!         noob_id: twice
//!         input: {{n: {{type: int, scope: process}}}}
//!         nodes:
//!           twice: {{type: {}.twice, depends: [{{value: input.n}}]}}
//!           return: {{type: return, depends: twice.value}}
//!         ",
//!         module_path!().replace("::", ".")
//!     );
//!     let mut runner = SyncRunner::new(tube::from_text("twice.yaml", &text, ())?)?;
//!     assert_eq!(runner.process_as::<u64>(inputs! { n: 21 })?, Some(42));
//!     Ok(())
//! }
//! ```

// Tubes, runners and values.
pub use crate::graph::{Emit, Epoch, Event, Map, Name, Tube, Value};
#[cfg(feature = "remote")]
pub use crate::runner::zmq::{RemoteConfig, RemoteNode};
pub use crate::runner::{
    RunError, RunReport, Runner, RunnerExt, RunnerHandle, Stopper, SyncRunner, TaskRunner,
    ZmqRunner,
};
pub use crate::tube::LoadError;
pub use crate::typed::TypedError;
pub use crate::{InputError, IntoInputs, inputs, node_process, plugins, test_nodes, tube};

// Nodes and assets.
pub use crate::node::{Asset, EventMap, Inputs, Node, NodeError, Outputs};
pub use crate::{Signals, asset, node};

// Actors.
pub use crate::actor::{
    Actor, ActorError, Context, Dealer, Handle, Pub, Pull, Push, Rep, Req, Router, Scope, Sub,
    XPub, XSub,
};
pub use crate::runner::zmq::{
    CommandNode, CommandSockets, NodeRunner, NodeSockets, StandaloneNode,
};
pub use crate::transport::{Endpoint, RuntimeDir, runs, runtime_root};
pub use crate::wire::{Announce, Deinit, Events, MessageType, RawMessage};
pub use crate::{Message, Sockets, addon, handlers};

//! Processing graphs with every node in its own process, over ZeroMQ, checked by the compiler.
//!
//! A *tube* is a graph of *nodes*, written in YAML. Nodes are plain functions under [`#[node]`](macro@node): each has *slots* (its
//! arguments) and *signals* (what it says). What belongs together shares an *epoch*. [`tube::load`] checks a tube against the node types
//! of the program, and says everything that is wrong with it at once.
//!
//! A [`Runner`](runner::Runner) runs a tube. [`SyncRunner`](runner::SyncRunner) does so in the calling thread;
//! [`ZmqRunner`](runner::ZmqRunner) starts the program again for every node, in a process of its own, and both give the same values in
//! the same order. A node that fails, panics or dies ends its epoch or its run with an error that names node, place, epoch and cause; when
//! a run is over, nothing of it is left, however it ended.
//!
//! The two actors of a run, the [`CommandNode`](runner::zmq::CommandNode) and the [`NodeRunner`](runner::zmq::NodeRunner), are written with
//! macros that are there for everybody: [`#[derive(Sockets)]`](macro@Sockets) declares ZeroMQ sockets, what arrives on them and what is
//! sent; [`#[handlers]`](macro@handlers) turns annotated methods into an actor; and the compiler refuses what cannot work. Wrap ours, or
//! build your own: [`actor::ActorLoop`] runs any of them.
//!
//! With the feature `remote`, nodes can be on other hosts: `noob-zmq run --listen`, `noob-zmq node --join`, and `runner::zmq::{RemoteConfig, RemoteNode}`.
//!
//! Not here: Python nodes in one run with ours. The messages are those of the Python
//! library noob, whose model this is.
//!
//! ```
//! use noob_zmq::graph::Map;
//! use noob_zmq::runner::{Runner, SyncRunner};
//!
//! /// Counts from 0 up to, and without, `limit`.
//! #[noob_zmq::node(name = "example.count", signal = "index")]
//! fn count(limit: u64) -> impl Iterator<Item = u64> {
//!     0..limit
//! }
//!
//! /// `left` times `right`.
//! #[noob_zmq::node(name = "example.multiply")]
//! fn multiply(left: u64, #[slot(default = 2)] right: u64) -> u64 {
//!     left * right
//! }
//!
//! # // (With the ZMQ runner, `main` bears `#[noob_zmq::main]`.)
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let text = "
//!         noob_id: twice
//!         nodes:
//!           count: {type: example.count, params: {limit: 5}}
//!           twice: {type: example.multiply, depends: [{left: count.index}]}
//!           return: {type: return, depends: twice.value}
//!     ";
//!     let tube = noob_zmq::tube::from_text("twice.yaml", text, &Map::new())?;
//!     let mut runner = SyncRunner::new(tube)?; // or ZmqRunner::new(tube): a process for each node
//!     let values: Vec<String> = runner.run_all()?.iter().map(ToString::to_string).collect();
//!     assert_eq!(values, ["0", "2", "4", "6", "8"]);
//!     Ok(())
//! }
//! ```
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `cli` | [`cli::main`]: the `noob-zmq` command, for programs with nodes of their own |
//! | `std-nodes` | [`nodes`]: a small library of nodes for files, text and numbers |
//! | `remote` | [`transport::keys`] and [`transport::tcp`]: keys of hosts that are to trust each other (`noob-zmq keygen`), and tunnels between them; nodes of a run on other hosts |
//! | `macros` | `tube!`: reads a tube file while the program is compiled, refuses what is wrong with it, and gives typed functions |

#![cfg_attr(docsrs, feature(doc_cfg))]

// Generated code names this crate by its full path, here as everywhere else.
extern crate self as noob_zmq;

pub mod actor;
#[cfg(feature = "cli")]
pub mod cli;
mod const_text;
pub mod graph;
pub mod node;
#[cfg(feature = "std-nodes")]
pub mod nodes;
pub mod runner;
pub mod transport;
pub mod tube;
pub mod typed;
pub mod wire;

#[doc(hidden)]
pub mod __private;
mod entry;
mod inputs;
mod macros;
pub mod prelude;
mod sync;

pub use entry::{MakesNodeRunner, node_process, node_process_with};
pub use inputs::{InputError, IntoInputs, MissingInput, TubeInputs};
#[cfg(feature = "macros")]
pub use macros::tube;
pub use macros::{Message, Signals, Sockets, addon, asset, handlers, main, node};

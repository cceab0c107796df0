//! Processing graphs with every node in its own process, over ZeroMQ, checked by the compiler.
//!
//! A *tube* is a graph of *nodes*, written in YAML. A node is a function under
//! [`#[node]`](macro@node) with *slots* (its arguments) and *signals* (its results). The values
//! that belong together share an *epoch*. [`tube::load`] checks a tube against the node types of
//! the program, and reports all mistakes at once; `tube!` does so while the program is compiled.
//!
//! A [`Runner`] runs a tube. All runners return the same values in the same order.
//! A node that fails, panics or dies ends its epoch or its run, with an error that names node,
//! place, epoch and cause; after a run, however it ended, no process, file or thread of it is
//! left. Runners block the calling thread; a [`RunnerHandle`] runs epochs
//! from any number of threads, and from asynchronous tasks by
//! [`process_async`](runner::RunnerHandle::process_async).
//!
//! The two actors of a run, the [`CommandNode`](runner::zmq::CommandNode) and the
//! [`NodeRunner`](runner::zmq::NodeRunner), are written with macros that any program can use:
//! [`#[derive(Sockets)]`](macro@Sockets) declares ZeroMQ sockets with the messages that they
//! receive and send, and [`#[handlers]`](macro@handlers) turns annotated methods into an actor;
//! mistakes in either do not compile. Programs wrap these actors or have their own:
//! [`actor::ActorLoop`] runs any of them.
//!
//! ```text
//!            your program                          a process for each node (ZmqRunner)
//!  ┌─────────────────────────────────┐            ┌─────────────────────────────────┐
//!  │ tube.yaml ─► Tube ─► Runner     │  inputs    │  NodeRunner ─► your #[node] fn  │
//!  │ process(inputs) ─► CommandNode ─┼───────────►│      │                          │
//!  │ value of `return` ◄─────┤       │  events    │      ├─► other nodes            │
//!  │                         ◄───────┼────────────┼──────┘                          │
//!  └─────────────────────────────────┘            └─────────────────────────────────┘
//! ```
//!
//! ```
//! use noob_zmq::prelude::*;
//!
//! /// Counts from 0 up to, and without, `limit`.
//! #[node(name = "example.count", signal = "index")]
//! fn count(limit: u64) -> impl Iterator<Item = u64> {
//!     0..limit
//! }
//!
//! /// `left` times `right`.
//! #[node(name = "example.multiply")]
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
//!     let tube = tube::from_text("twice.yaml", text, ())?;
//!     let mut runner = SyncRunner::new(tube)?; // or ZmqRunner::new(tube): a process for each node
//!     assert_eq!(runner.run_all_as::<u64>()?, [0, 2, 4, 6, 8]);
//!     Ok(())
//! }
//! ```
//!
//! # Which runner
//!
//! | runner | nodes | choose it for |
//! |---|---|---|
//! | [`SyncRunner`] | in the calling thread | tests, short calls, tubes in a program |
//! | [`TaskRunner`] | in this process, on threads | nodes that wait or compute for long |
//! | [`ZmqRunner`] | in processes, on any host | nodes that may crash or hang, restarts |
//!
//! [`SyncRunner`]: runner::SyncRunner
//! [`TaskRunner`]: runner::TaskRunner
//! [`ZmqRunner`]: runner::ZmqRunner
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `cli` | `cli::main`: the `noob-zmq` command, for programs with nodes of their own |
//! | `macros` | `tube!`: checks a tube file when the program is compiled; typed functions |
//! | `remote` | nodes on other hosts: `transport::keys`, `transport::tcp`, `noob-zmq node --join` |
//! | `record` | `record`: records of runs in MCAP files, and their replay |
//! | `ndarray` | arrays of the crate `ndarray` as arguments and results of nodes |
//! | `top` | `noob-zmq top` of `cli`: a view of a run in the terminal |
//! | `view` | `page`, `noob-zmq view`: a page of a run in the browser, and metrics for Prometheus |
//! | `std-nodes` | `nodes`: a small library of nodes for files, text and numbers |
//! | `full` | all of these |

#![cfg_attr(docsrs, feature(doc_cfg))]

// Generated code names this crate by its full path, here as everywhere else.
extern crate self as noob_zmq;

pub mod actor;
#[cfg(feature = "cli")]
pub mod cli;
mod clock;
mod const_text;
mod declare;
mod default_log;
mod descriptors;
mod error_report;
pub mod graph;
pub mod node;
#[cfg(feature = "std-nodes")]
pub mod nodes;
#[cfg(feature = "view")]
pub mod page;
#[cfg(feature = "record")]
pub mod record;
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
mod main_report;
pub mod prelude;
mod standard_streams;
mod sync;
mod view;

pub use entry::{MakesNodeRunner, node_process, node_process_in, node_process_with};
pub use graph::{Tube, Value};
pub use inputs::{InputError, IntoInputs, MissingInput, TubeInputs};
#[cfg(feature = "macros")]
pub use macros::tube;
pub use macros::{Message, Signals, Sockets, addon, asset, handlers, main, node};
pub use node::{Node, NodeError};
pub use runner::{RunError, Runner, RunnerExt, RunnerHandle, SyncRunner, TaskRunner, ZmqRunner};

//! Processing graphs with every node in its own process, over ZeroMQ, checked by the compiler.

// Generated code names this crate by its full path, here as everywhere else.
extern crate self as noob_zmq;

pub mod actor;
#[cfg(feature = "cli")]
pub mod cli;
pub mod graph;
pub mod node;
#[cfg(feature = "nodes")]
pub mod nodes;
pub mod runner;
pub mod transport;
pub mod tube;
pub mod wire;

#[doc(hidden)]
pub mod __private;
mod entry;
mod macros;

pub use entry::node_process;
pub use macros::{Message, Signals, Sockets, handlers, main, node};

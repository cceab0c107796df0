//! The ZMQ runner: every node in a process of its own, and a command node that tells them what to do.
//!
//! - [`CommandNode`] and [`NodeRunner`] are the two actors; [`CommandSockets`] and [`NodeSockets`] declare their sockets.
//! - `coordinator` and `admission`, beside this folder, are the state machines of a run.
//! - `child`, `launch` and `process` start, instruct and end the processes; `remote` (feature `remote`) does so on other hosts.

mod command;
mod failure;
mod node;
mod remote;
mod runner;
mod sockets;
mod supervisor;

pub use command::{Callback, CommandNode, NodeStatusReport, RouterMessage};
pub(crate) use node::node_test;
pub use node::{CallCounts, NodeRunner, StandaloneNode, node_process, node_process_with};
#[cfg(feature = "remote")]
pub use remote::{JoinError, RemoteConfig, RemoteNode};
pub use runner::{ZmqBackend, ZmqRunner};
pub use sockets::{CommandSockets, CommandSocketsIncoming, NodeSockets, NodeSocketsIncoming};

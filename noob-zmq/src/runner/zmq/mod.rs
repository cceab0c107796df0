//! The ZMQ runner: every node in a process of its own, and a command node that tells them what to do.
//!
//! - [`CommandNode`] and [`NodeRunner`] are the two actors; [`CommandSockets`] and [`NodeSockets`] declare their sockets.
//! - `ready`, `grants`, `kept` and `memory` are their state machines; `coordinator` and `admission`, beside this folder, are those of the runner: none of them knows a socket.
//! - `child`, `launch` and `process` start, instruct and end the processes; `remote` (feature `remote`) does so on other hosts.

mod command;
mod failure;
#[cfg(feature = "remote")]
mod memory;
#[cfg(feature = "remote")]
pub(super) mod node;
mod remote;
mod runner;
mod sockets;
mod supervisor;
mod telling;

pub use command::{Callback, CommandNode, NodeReport, Report};
#[cfg(feature = "remote")]
pub(crate) use node::node_test;
pub use node::{Calls, Detached, NodeRunner, node_process, node_process_with};
pub use remote::{Hosts, Join, JoinError};
pub use runner::ZmqRunner;
pub use sockets::{CommandSockets, CommandSocketsIncoming, NodeSockets, NodeSocketsIncoming};

//! The ZMQ runner: every node in a process of its own, and a command node that tells them what to do.
//!
//! - [`CommandNode`] and [`NodeRunner`] are the two actors; [`CommandSockets`] and [`NodeSockets`] declare their sockets.
//! - `ready`, `grants`, `kept` and `memory` are their state machines; `coordinator` and `admission`, beside this folder, are those of the runner: none of them knows a socket.
//! - `child`, `launch` and `process` start, instruct and end the processes; `remote` (feature `remote`) does so on other hosts.

mod borrowed;
mod calls;
mod command;
mod failure;
pub(super) mod grants;
mod heard;
mod hosted;
mod kept;
#[cfg(feature = "remote")]
mod memory;
mod neighbours;
mod node;
mod process;
#[cfg(feature = "remote")]
mod remote;
mod replan;
mod runner;
mod sockets;
mod supervisor;
mod telling;
mod worker;

pub use command::{Callback, CommandNode, NodeReport, Report};
pub use hosted::{Calls, Detached};
pub use node::NodeRunner;
pub(crate) use process::node_test;
pub use process::{node_process, node_process_with};
#[cfg(feature = "remote")]
pub use remote::{Hosts, Join, JoinError};
pub use runner::ZmqRunner;
pub use sockets::{CommandSockets, CommandSocketsIncoming, NodeSockets, NodeSocketsIncoming};

//! The ZMQ runner: runs every node in a process of its own, and controls them by a command node.
//!
//! - `command` is the actor in the runner's process, [`CommandNode`]; `supervisor` owns the node
//!   processes.
//! - `node` is the actor in each node process, [`NodeRunner`], with the thread that calls the node.
//! - `remote` (feature `remote`) has nodes on other hosts; `agent` starts them there, and
//!   `launcher` is the runner's side of agents.
//! - `placement` has the hosts and processes of nodes, from a file.
//! - [`CommandSockets`] and [`NodeSockets`] declare the sockets of the two actors.
//!
//! The folders `coordinator` and `admission` beside this one decide which epochs are opened, when
//! they are complete, and which events are admitted.

#[cfg(feature = "remote")]
mod agent;
mod builder;
mod command;
mod config;
mod groups;
#[cfg(feature = "remote")]
mod launcher;
mod node;
mod placement;
mod program;
mod remote;
mod run_state;
mod runner;
mod sockets;
mod subscriber_set;
mod supervisor;
mod wire_conversions;

#[cfg(all(feature = "cli", feature = "remote"))]
pub(crate) use agent::{Agent, AgentRunner};
pub use builder::ZmqRunnerBuilder;
pub use command::{CommandNode, RouterMessage};
pub(crate) use node::linked;
pub(crate) use node::node_test;
pub use node::{
    CallCounts, NodeRunner, StandaloneNode, node_process, node_process_in, node_process_with,
};
#[cfg(feature = "cli")]
pub(crate) use placement::{Placed, ProcessSettings, cpu_list, missing_cpus};
pub use placement::{Placement, PlacementError};
pub use program::Program;
#[cfg(feature = "remote")]
pub use remote::{JoinError, JoinErrorKind, RemoteConfig, RemoteNode};
#[cfg(feature = "cli")]
pub(crate) use runner::check_limits;
pub use runner::{ZmqBackend, ZmqRunner};
pub use sockets::{CommandSockets, CommandSocketsIncoming, NodeSockets, NodeSocketsIncoming};

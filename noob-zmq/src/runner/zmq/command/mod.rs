//! Command side of a run: the actor in the runner's process that sends orders to the node
//! processes and receives their events.
//!
//! Decides nothing about epochs (that is the coordinator's part) and starts no processes (that is
//! the supervisor's). Driven by the event loop of the actor.

mod actions;
pub(crate) mod command_node;
pub(crate) mod node_table;
pub(crate) mod readiness;

pub use command_node::{Callback, CommandNode, RouterMessage};
pub use node_table::NodeStatusReport;

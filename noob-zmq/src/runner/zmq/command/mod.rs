//! Command side of a run: the actor in the runner's process that sends commands to the nodes and
//! receives their events.
//!
//! Decides nothing about epochs (that is the coordinator's part) and starts no processes (that is
//! the supervisor's). Driven by the event loop of the actor, on the runtime of the runner.

mod await_ready;
mod command_node;
mod node_counters;
pub(super) mod node_table;
mod observers;
mod readiness;

pub use command_node::CommandNode;
pub use observers::RouterMessage;

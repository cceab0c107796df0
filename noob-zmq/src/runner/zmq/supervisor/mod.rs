//! Supervisor of a run: starts the node processes, watches them, restarts them, and ends them.
//!
//! `task` is the only task that owns the processes; the other modules are its parts. Event
//! processing is not done here.

pub(crate) mod child;
pub(crate) mod launch;
pub(crate) mod reconfigure;
#[cfg(feature = "remote")]
mod remote_nodes;
pub(crate) mod restart_policy;
pub(crate) mod stall_detector;
pub(crate) mod task;
mod watchdog;

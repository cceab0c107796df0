//! Supervisor of a run: starts the node processes, watches them, restarts them, and ends them.
//!
//! A single task on the runtime of the runner (`task`) owns the processes; the other modules are
//! its parts. `liveness`, `restart_policy` and `stall_detector` are state machines without
//! processes and clock. Events are not processed here.

#[cfg(feature = "remote")]
mod agents;
pub(super) mod child;
pub(super) mod init_process;
pub(super) mod launch;
mod liveness;
mod reconfigure;
#[cfg(feature = "remote")]
mod remote_nodes;
mod restart_policy;
mod shutdown;
pub(super) mod stall_detector;
pub(super) mod task;
mod watchdog;

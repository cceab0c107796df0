//! Watching a run while it goes on: what its nodes do, how fast, and what waits for what.
//!
//! `report` has the structures that programs read, and `watcher` the handle that reads them from
//! any thread. Nodes count, and the side of the runner computes rates from their counters: `rates`
//! for counters, `call_times` for the duration of calls, `in_process` for runners without
//! processes.

pub(crate) mod call_times;
pub(crate) mod in_process;
pub(crate) mod rates;
pub(crate) mod report;
pub(crate) mod watcher;

pub use report::{
    CallTime, EdgeStatus, Lag, NodeStatusReport, RunStatus, RunnerState, SignalStatus, Traffic,
};
pub use watcher::Watcher;

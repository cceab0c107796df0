//! Watching a run while it goes on: what its nodes do, how fast, and what waits for what.
//!
//! `report` has the structures that programs read, and `watcher` the handle that reads them from
//! any thread. Nodes count, and the side of the runner computes rates from their counters: `rates`
//! for counters, `call_times` for the duration of calls, `in_process` for runners without
//! processes. `taps` passes samples of values to those who look at them, which `node_samples` takes
//! in the process of a node, and `summary` describes values that are not sent. `server` is the
//! socket by which other processes watch a run, and `client` its other side. `numbers` lists what
//! systems like Prometheus collect.

pub(crate) mod call_times;
#[cfg(feature = "cli")]
pub(crate) mod client;
pub(crate) mod in_process;
pub(crate) mod logs;
pub(crate) mod node_samples;
#[cfg(any(feature = "otel", feature = "view"))]
pub(crate) mod numbers;
pub(crate) mod protocol;
pub(crate) mod rates;
pub(crate) mod report;
mod sampler;
pub(crate) mod server;
pub(crate) mod summary;
pub(crate) mod taps;
pub(crate) mod watcher;

pub use report::{
    CallTime, EdgeStatus, Lag, NodeStatusReport, RunStatus, RunnerState, SignalStatus, Traffic,
};
pub use taps::{Sample, Tap, TapEnded};
pub use watcher::{UnknownSignal, Watcher};

//! Node process: the actor that receives events, calls one node of the tube, and publishes what
//! the calls emit.
//!
//! The event loop of the actor drives everything but the calls themselves: those run on the worker
//! thread, so that a node that computes still answers. `epoch_ledger` and `replay_buffer` are state
//! machines without sockets.

mod checkpoint;
pub(crate) mod config;
pub(crate) mod epoch_ledger;
mod ingest;
pub(crate) mod leased_inputs;
pub(crate) mod main;
pub(crate) mod node_runner;
mod output;
mod reconfigure;
mod replay_buffer;
mod worker;

pub use config::{CallCounts, StandaloneNode};
pub(crate) use main::node_test;
pub use main::{node_process, node_process_with};
pub use node_runner::NodeRunner;

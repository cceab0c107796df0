//! Node process: the actor that receives events, calls one node of the tube, and publishes what
//! the calls emit.
//!
//! The event loop of the actor drives everything but the calls themselves, which the worker thread
//! makes; `loop_driver` decides which thread runs the loop. `epoch_ledger`, `replay_buffer`,
//! `neighbours`, `leased_inputs` and `work_queue` are state machines without sockets.

mod checkpoint;
pub(crate) mod config;
pub(crate) mod epoch_ledger;
mod event_routing;
mod execute;
pub(crate) mod group;
mod handlers;
mod ingest;
mod large_values;
mod leased_inputs;
pub(crate) mod main;
mod neighbours;
pub(crate) mod node_runner;
mod output;
mod reconfigure;
mod replay_buffer;
mod type_check;
pub(crate) mod worker;

pub use config::{CallCounts, StandaloneNode};
pub(crate) use main::linked;
pub(crate) use main::node_test;
pub(crate) use main::serves_node;
pub use main::{node_process, node_process_in, node_process_with};
pub use node_runner::NodeRunner;

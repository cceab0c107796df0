//! Groups: several nodes of one process, each with a node runner of its own.
//!
//! `links` passes events between the node runners of a process; `serve` opens the node runners of a
//! process, and serves them until all are shut down.

pub(crate) mod links;
pub(crate) mod serve;

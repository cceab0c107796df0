//! Placement files: hosts, and the processes in which the nodes of a tube run.
//!
//! A placement stands apart from its tube, whose values do not depend on it. The reader finds every
//! mistake that shows without the tube; `noob_zmq` compares the placement with a tube.

pub mod keys;
mod mistake;
mod process;
mod read;
mod spec;
#[cfg(test)]
mod tests;

pub use mistake::PlacementMistake;
pub use read::read;
pub use spec::{GroupSpec, HostSpec, PlacedNodeSpec, PlacementSpec, ProcessSpec, Target};

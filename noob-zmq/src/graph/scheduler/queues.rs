//! Entries of the scheduler's queues: what is still to be propagated, and which nodes are ready.

use super::frame::Status;
use crate::graph::plan::{NodeIx, SignalIx};

/// Something that is still to be followed up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Propagation {
    /// The outcome of a signal is known.
    Signal {
        slot: u32,
        frame: u32,
        signal: SignalIx,
        what: Status,
    },
    /// A node needs something that came to nothing.
    Skip { slot: u32, frame: u32, local: u32 },
    /// A node that will not be called, whose signals may be known now.
    CannotRun { slot: u32, frame: u32, local: u32 },
    /// The gate of a stateful node whose earlier root epochs are all finished.
    OpenGate { slot: u32, ordinal: u32 },
    /// A stateful node below the root: its turn may move on.
    NextCall { slot: u32, ordinal: u32 },
}

/// A node that may be called.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadyNode {
    pub(super) slot: u32,
    /// The root epoch, which reveals when the slot was reused for another.
    pub(super) number: u32,
    pub(super) frame: u32,
    pub(super) node: NodeIx,
}

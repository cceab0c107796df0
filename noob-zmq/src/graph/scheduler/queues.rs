//! Entries of the scheduler's queues: what is still to be propagated, and which nodes are ready.

use super::frame::{FrameRef, Status};
use crate::graph::plan::{NodeIx, SignalIx};

/// Something that is still to be followed up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Propagation {
    /// The outcome of a signal is known.
    Signal(FrameRef, SignalIx, Status),
    /// A node needs something that came to nothing.
    Skip(FrameRef, u32),
    /// A node that will not be called, whose signals may be known now.
    CannotRun(FrameRef, u32),
    /// The gate of a stateful node whose earlier root epochs are all finished.
    OpenGate { slot: u32, ordinal: u32 },
    /// A stateful node below the root: its turn may move on.
    NextCall { slot: u32, ordinal: u32 },
}

/// A node that may be called.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadyNode {
    pub(super) at: FrameRef,
    /// The root epoch, which reveals when the slot was reused for another.
    pub(super) number: u32,
    pub(super) node: NodeIx,
}

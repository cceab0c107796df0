//! The nodes of one level of nesting, and the state from which a call of each starts.

use super::index::{NodeIx, SignalIx};

/// The nodes that are called in the same epochs, and what a new epoch of them starts from.
#[derive(Debug, Default)]
pub(crate) struct Level {
    /// Segments of its epochs.
    pub(crate) depth: usize,
    /// The level one segment up.
    pub(crate) parent: Option<u32>,
    /// The levels from below the root down to this one.
    pub(crate) chain: Vec<u32>,
    /// The stateful nodes of this level and those below it, by their place among all stateful ones.
    pub(crate) ordinals: Vec<u32>,
    /// Place among the children of the parent.
    pub(crate) child: usize,
    /// The `map` that makes its epochs.
    pub(crate) map: Option<NodeIx>,
    /// The levels one segment down.
    pub(crate) children: Vec<u32>,
    /// The nodes called here, in the order of the file; those that never run and `input` too.
    pub(crate) nodes: Vec<NodeIx>,
    /// Number of signals that are emitted on this level.
    pub(crate) signals: usize,
    /// For each node: what a new epoch of it starts from.
    pub(crate) calls: Vec<Call>,
    /// Number of nodes that are called on this level.
    pub(crate) open: u32,
    /// Whether the nodes are called in the epoch of the `map` if the map makes no items.
    pub(crate) collapses: bool,
    /// Nodes that never run.
    pub(crate) blocked: Vec<NodeIx>,
    /// Nodes without inputs, the stateless ones first; empty below the root.
    pub(crate) sources: Vec<u32>,
    /// Inputs from signals of levels above.
    pub(crate) outer: Vec<OuterFeed>,
    /// The `gather` nodes of this level, which emit `value` one level up.
    pub(crate) gathers: Vec<GatherNode>,
}

/// State of a node in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeState {
    /// Something that it needs is still open.
    Waiting,
    /// Will not be called, because an input can never arrive.
    ///
    /// Whether its signals are nothing or never anything is still open: one of its other required
    /// inputs may still be nothing.
    CannotRun,
    /// May be called.
    Ready,
    /// Handed out to be called.
    Dispatched,
    /// Was called, and has emitted everything.
    Completed,
    /// Will not be called.
    Skipped,
}

impl NodeState {
    pub(crate) const fn is_closed(self) -> bool {
        matches!(self, Self::Completed | Self::Skipped)
    }
}

/// The call of a node in an epoch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// Number of inputs (and gates) that the call still waits for.
    pub(crate) pending: u32,
    pub(crate) state: NodeState,
}

/// Something of a level above that feeds a node.
#[derive(Debug)]
pub(crate) struct OuterFeed {
    pub(crate) signal: SignalIx,
    pub(crate) local: u32,
    pub(crate) required: bool,
}

/// A `gather` that leads one level up.
#[derive(Debug)]
pub(crate) struct GatherNode {
    pub(crate) local: u32,
    pub(crate) signal: SignalIx,
}

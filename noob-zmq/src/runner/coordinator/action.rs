//! Actions: decisions of the coordinator that its runner carries out.
//!
//! The coordinator queues them in order; the runner takes them by
//! [`Coordinator::poll_action`](super::Coordinator::poll_action) after each call and sends
//! messages, or calls nodes in its own process.

use std::sync::Arc;

use crate::graph::{Epoch, Map, Name, NodeIx, Value};
use crate::node::Inputs;
use crate::runner::admission::RejectReason;

/// Decision of the coordinator that its runner carries out.
#[derive(Debug)]
pub(crate) enum Action {
    /// Have the nodes run one root epoch with these process-scoped inputs.
    Process { epoch: u32, input: Map },
    /// Have the nodes run this many more root epochs.
    Start(u32),
    /// Tell the nodes which root epochs are closed, and which of these have failed or were skipped.
    EpochsEnded { epochs: Vec<u32>, failed: Vec<u32> },
    /// Have the nodes send the values of all events from now on.
    Observe,
    /// Tell the nodes that no further epochs are requested.
    Stop,
    /// Call a node with these inputs, or lease them to it where it runs in another process.
    ///
    /// If the inputs cannot be delivered, the runner reports that as a failure of the node.
    Call {
        node: NodeIx,
        name: Name,
        inputs: Inputs,
    },
    /// Count an event of this node as rejected, for this reason.
    Reject { node: Name, reason: RejectReason },
    /// Tell the nodes where the run stands: a process that has just connected may have missed it.
    Resume(RunPosition),
}

/// Position of a run: the open epochs, and the states that restarted processes need to go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct RunPosition {
    /// Epoch after the highest that was ever requested.
    ///
    /// All below are closed, except `open`.
    pub(crate) next: u32,
    /// Open root epochs, lowest first, each with its process-scoped inputs if it has any.
    pub(crate) open: Vec<(u32, Option<Arc<Map>>)>,
    /// Checkpoints of nodes whose processes were restarted, lowest epoch first.
    pub(crate) states: Vec<(Name, Vec<(Epoch, Value)>)>,
    /// Failed or skipped epochs that these checkpoints may include.
    pub(crate) failed: Vec<u32>,
    /// Nodes that are disabled now.
    pub(crate) disabled: Vec<Name>,
}

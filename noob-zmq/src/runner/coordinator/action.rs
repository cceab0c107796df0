//! Actions: decisions of the coordinator that its runner carries out.
//!
//! The coordinator queues them in order; the runner takes them by
//! [`Coordinator::poll_action`](super::Coordinator::poll_action) after each call and sends
//! messages, or calls nodes in its own process.

use crate::graph::{Map, Name, NodeIx};
use crate::node::Inputs;
use crate::runner::admission::RejectReason;
use crate::wire::Resume;

/// Decision of the coordinator that its runner carries out.
#[derive(Debug)]
pub(crate) enum Action {
    /// Have the nodes run one root epoch with these process-scoped inputs.
    Process { epoch: u32, input: Map },
    /// Have the nodes run this many more root epochs.
    Start(u32),
    /// Tell the nodes which root epochs are closed, and which of these have failed or were skipped.
    EpochsEnded { epochs: Vec<u32>, failed: Vec<u32> },
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
    Resume(Resume),
}

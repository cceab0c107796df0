//! `status`: the status of a node has changed.

use serde::{Deserialize, Serialize};

use crate::{Message, declare::words, graph::Name};

words! {
    /// Status of a node.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum NodeStatus {
        /// The node was ordered to stop running freely.
        Stopped = "stopped",
        /// Not all nodes upstream have seen the node's subscription.
        Waiting = "waiting",
        /// The node can process epochs.
        Ready = "ready",
        /// The node runs freely, or some epochs that it was ordered to start.
        Running = "running",
        /// The node will not answer again.
        Closed = "closed",
    }
}

/// New status of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[message(crate = crate, sender = node_id)]
#[serde(transparent)]
#[non_exhaustive]
pub struct Status {
    /// The node, which is the sender of the message.
    #[serde(skip)]
    pub node_id: Name,
    /// The status.
    pub status: NodeStatus,
}

impl Status {
    /// Returns the new status of a node.
    #[must_use]
    pub const fn new(node_id: Name, status: NodeStatus) -> Self {
        Self { node_id, status }
    }
}

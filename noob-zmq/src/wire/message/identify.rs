//! `identify`: the address and the links of a node.

use serde::{Deserialize, Serialize};

use super::NodeStatus;
use crate::{
    graph::Name,
    wire::{Message, RawMessage, WireError, Writer},
};

/// Description of a node by itself: its address, its status and its links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identify {
    /// The id of the node.
    pub node_id: Name,
    /// Address of the outbox of the node.
    pub outbox: String,
    /// The status of the node.
    pub status: NodeStatus,
    /// Names of the signals of the node, if known.
    pub signals: Option<Vec<Name>>,
    /// Names of all slots of the node, if known.
    pub slots: Option<Vec<Name>>,
    /// The nodes whose events the node has to receive.
    pub subscribed_to: Vec<Name>,
    /// The subscribers of the outbox of the node.
    pub subscribers: Vec<Name>,
}

impl Identify {
    /// Returns the description of a node without links.
    #[must_use]
    pub fn new(node_id: Name, outbox: impl Into<String>, status: NodeStatus) -> Self {
        Self {
            node_id,
            outbox: outbox.into(),
            status,
            signals: None,
            slots: None,
            subscribed_to: Vec::new(),
            subscribers: Vec::new(),
        }
    }
}

#[diagnostic::do_not_recommend]
impl Message for Identify {
    const KIND: &'static str = "identify";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.serialize(self)
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        let identify: Self = raw.deserialize()?;
        raw.check_speaker(&identify.node_id)?;
        Ok(identify)
    }
}

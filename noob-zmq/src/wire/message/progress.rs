//! `progress`: outcomes of signals that no event tells.

use crate::{
    graph::{Name, Outcome},
    wire::{Message, RawMessage, WireError, Writer},
};

/// Outcomes that a node tells the nodes that it feeds: of its own signals where it is not called,
/// and of the `map` nodes above it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The node, which is the sender of the message.
    pub node_id: Name,
    /// The outcomes, in the order in which they became known.
    pub outcomes: Vec<Outcome>,
}

impl Progress {
    /// Returns the outcomes that a node knows.
    #[must_use]
    pub const fn new(node_id: Name, outcomes: Vec<Outcome>) -> Self {
        Self { node_id, outcomes }
    }
}

#[diagnostic::do_not_recommend]
impl Message for Progress {
    const KIND: &'static str = "progress";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.serialize(&self.outcomes)
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        Ok(Self::new(raw.sender().clone(), raw.deserialize()?))
    }
}

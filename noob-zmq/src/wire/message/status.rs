//! `status`: what a node does.

use std::fmt;

use crate::{
    graph::{Name, Value, ValueError},
    wire::{Message, RawMessage, WireError, Writer, lenient::text},
};

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeStatus {
    /// It was told to stop running freely.
    Stopped,
    /// Not all nodes that it hears have seen it subscribe.
    Waiting,
    /// It can be asked to process.
    Ready,
    /// It runs freely, or some epochs that it was told to start.
    Running,
    /// It will not answer again.
    Closed,
}

impl NodeStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Stopped,
        Self::Waiting,
        Self::Ready,
        Self::Running,
        Self::Closed,
    ];

    /// The word for it on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Closed => "closed",
        }
    }

    pub(super) fn read(value: &Value) -> Result<Self, ValueError> {
        let word = text(value)?;
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or_else(|| {
                ValueError::expected(
                    &"`stopped`, `waiting`, `ready`, `running` or `closed`",
                    value,
                )
            })
    }
}

impl fmt::Display for NodeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The status of a node has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The node: whoever sends it.
    pub node_id: Name,
    /// What it does now.
    pub status: NodeStatus,
}

#[diagnostic::do_not_recommend]
impl Message for Status {
    const KIND: &'static str = "status";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.str(self.status.as_str());
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        Ok(Self {
            node_id: raw.sender().clone(),
            status: raw.required(NodeStatus::read)?,
        })
    }
}

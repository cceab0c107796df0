//! `identify`: who and where a node is.

use super::NodeStatus;
use crate::{
    graph::{Name, Value, ValueError},
    wire::{
        Message, RawMessage, WireError, Writer,
        lenient::{Fields, name, names, nullable, text},
    },
};

/// A node says who it is, where it publishes, and who hears whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identify {
    /// Its id.
    pub node_id: Name,
    /// Address of its outbox.
    pub outbox: String,
    /// What it does.
    pub status: NodeStatus,
    /// Names of what it says, if known.
    pub signals: Option<Vec<Name>>,
    /// Names of all its parameters that may be fed, if known.
    pub slots: Option<Vec<Name>>,
    /// The nodes whose events it has to hear.
    pub subscribed_to: Vec<Name>,
    /// Who has subscribed to its outbox.
    pub subscribers: Vec<Name>,
}

impl Identify {
    pub(super) fn write(&self, writer: &mut Writer) {
        let nullable = |writer: &mut Writer, names: &Option<Vec<Name>>| match names {
            Some(names) => writer.names(names),
            None => writer.null(),
        };
        writer.map(7);
        writer.key("node_id");
        writer.str(&self.node_id);
        writer.key("outbox");
        writer.str(&self.outbox);
        writer.key("status");
        writer.str(self.status.as_str());
        writer.key("signals");
        nullable(writer, &self.signals);
        writer.key("slots");
        nullable(writer, &self.slots);
        writer.key("subscribed_to");
        writer.names(&self.subscribed_to);
        writer.key("subscribers");
        writer.names(&self.subscribers);
        writer.end_map();
    }

    pub(super) fn read(value: &Value) -> Result<Self, ValueError> {
        let fields = Fields::of(value)?;
        Ok(Self {
            node_id: fields.get("node_id", name)?,
            outbox: fields.get("outbox", |outbox| text(outbox).map(str::to_owned))?,
            status: fields.get("status", NodeStatus::read)?,
            signals: fields.get("signals", nullable(names))?,
            slots: fields.get("slots", nullable(names))?,
            subscribed_to: fields.get("subscribed_to", names)?,
            subscribers: fields.get("subscribers", names)?,
        })
    }
}

#[diagnostic::do_not_recommend]
impl Message for Identify {
    const KIND: &'static str = "identify";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        self.write(writer);
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        let identify = raw.required(Self::read)?;
        raw.check_speaker(&identify.node_id)?;
        Ok(identify)
    }
}

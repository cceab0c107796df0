//! `epoch_ended`: an epoch is over for all nodes.

use crate::{
    graph::Epoch,
    wire::{Message, RawMessage, WireError, Writer, lenient},
};

/// An epoch is over for all nodes, also for those that never ran in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochEnded {
    /// The epoch; a root epoch, when the command node of noob sends it.
    pub epoch: Epoch,
}

#[diagnostic::do_not_recommend]
impl Message for EpochEnded {
    const KIND: &'static str = "epoch_ended";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.epoch(&self.epoch);
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        Ok(Self {
            epoch: raw.required(lenient::epoch)?,
        })
    }
}

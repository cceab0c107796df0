//! `epochs_ended`: several epochs are over for all nodes.

use crate::{
    graph::{Value, ValueError},
    wire::{Message, RawMessage, WireError, Writer, lenient},
};

/// Several root epochs are over for all nodes: as many [`EpochEnded`](super::EpochEnded), in one message. Between nodes of ours; noob has no
/// such kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EpochsEnded {
    /// Their numbers.
    pub epochs: Vec<u32>,
    /// Those of them that have failed or were left out: nothing that was said in them counts any more.
    pub failed: Vec<u32>,
}

#[diagnostic::do_not_recommend]
impl Message for EpochsEnded {
    const KIND: &'static str = "epochs_ended";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.list(2);
        for epochs in [&self.epochs, &self.failed] {
            writer.list(epochs.len());
            for epoch in epochs {
                writer.uint((*epoch).into());
            }
            writer.end_list();
        }
        writer.end_list();
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        let number = |value: &Value| {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            number.ok_or_else(|| {
                ValueError::expected(&"the number of an epoch, 0 to 4294967295", value)
            })
        };
        let epochs = |value: &Value| lenient::list(value, "a list of epochs", number);
        let lists = raw.required(|value| {
            lenient::list(value, "epochs that are over, and those that failed", epochs)
        })?;
        let mut lists = lists.into_iter();
        Ok(Self {
            epochs: lists.next().unwrap_or_default(),
            failed: lists.next().unwrap_or_default(),
        })
    }
}

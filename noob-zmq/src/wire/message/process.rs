//! `process`: run one epoch.

use std::sync::Arc;

use crate::{
    graph::{Epoch, Map, Value, ValueError},
    wire::{
        Message, RawMessage, WireError, Writer,
        lenient::{self, Fields, nullable},
    },
};

/// Nodes are to run one epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Process {
    /// Which; `None` leaves it to each node: its first unfinished one.
    pub epoch: Option<Epoch>,
    /// The process-scoped inputs, if there are any. In noob's JSON a string here is only a string, also one that begins with `pck__`.
    pub input: Option<Arc<Map>>,
}

#[diagnostic::do_not_recommend]
impl Message for Process {
    const KIND: &'static str = "process";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.map(2);
        writer.key("epoch");
        match &self.epoch {
            Some(epoch) => writer.epoch(epoch),
            None => writer.null(),
        }
        writer.key("input");
        match &self.input {
            Some(input) => {
                let put = writer.put(&Value::Map(input.clone()), 0);
                put.map_err(|error| writer.unencodable_error(error.under("input").under("value")))?;
            }
            None => writer.null(),
        }
        writer.end_map();
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        raw.required(|value| {
            let fields = Fields::of(value)?;
            Ok(Self {
                epoch: fields.get("epoch", nullable(lenient::epoch))?,
                input: fields.get(
                    "input",
                    nullable(|input| match input {
                        Value::Map(map) => Ok(map.clone()),
                        other => Err(ValueError::expected(&"an object of inputs, or null", other)),
                    }),
                )?,
            })
        })
    }
}

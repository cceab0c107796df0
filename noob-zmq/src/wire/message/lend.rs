//! `lend`: what a node is called with, where nodes share objects.

use crate::{
    graph::{Epoch, Map, Name, Value, ValueError},
    wire::{
        Message, RawMessage, WireError, Writer,
        lenient::{self, Fields},
    },
};

/// What a node is called with in an epoch, where nodes share objects: it is its turn to hold them. Between nodes of ours; noob has no such
/// kind, and hands assets from node to node.
///
/// The node calls with these values when it is ready, and publishes the state of each object with what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Lend {
    /// The node; all hear it.
    pub node_id: Name,
    /// The epoch of the call.
    pub epoch: Epoch,
    /// Values by position.
    pub positional: Vec<Value>,
    /// Values by slot.
    pub named: Map,
}

#[diagnostic::do_not_recommend]
impl Message for Lend {
    const KIND: &'static str = "lend";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.map(4);
        writer.key("node_id");
        writer.str(&self.node_id);
        writer.key("epoch");
        writer.epoch(&self.epoch);
        writer.key("positional");
        let positional = Value::from(self.positional.clone());
        let put = writer.put(&positional, 0);
        put.map_err(|error| writer.unencodable_error(error.under("positional").under("value")))?;
        writer.key("named");
        let put = writer.put(&Value::from(self.named.clone()), 0);
        put.map_err(|error| writer.unencodable_error(error.under("named").under("value")))?;
        writer.end_map();
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        raw.required(|value| {
            let fields = Fields::of(value)?;
            let list = |value: &Value| match value {
                Value::List(items) => Ok(items.to_vec()),
                other => Err(ValueError::expected(&"a list of values", other)),
            };
            let map = |value: &Value| match value {
                Value::Map(map) => Ok(Map::clone(map)),
                other => Err(ValueError::expected(&"an object of values", other)),
            };
            Ok(Self {
                node_id: fields.get("node_id", lenient::name)?,
                epoch: fields.get("epoch", lenient::epoch)?,
                positional: fields.get("positional", list)?,
                named: fields.get("named", map)?,
            })
        })
    }
}

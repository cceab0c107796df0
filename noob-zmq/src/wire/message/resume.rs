//! `resume`: where a run stands, for whoever joins it late or may have missed something.

use std::sync::Arc;

use crate::{
    graph::{Epoch, Map, Name, Value, ValueError},
    wire::{
        Message, RawMessage, WireError, Writer,
        lenient::{self, Fields, nullable},
    },
};

/// Where a run stands: what was asked for, and what of it is not over. Between nodes of ours; noob has no such kind.
///
/// It is sent when somebody subscribes while epochs are open: a node that was started anew, or one whose connection broke and was made
/// again; and when a node was enabled or disabled, between two epochs. Whoever knew all of it already loses nothing by hearing it again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resume {
    /// The epoch after the highest that was ever asked for. All below are over, but those in `open`.
    pub next: u32,
    /// The epochs that are not over, lowest first, each with its process-scoped inputs, if it has any.
    pub open: Vec<(u32, Option<Arc<Map>>)>,
    /// What nodes knew that were started again: after which calls, lowest epoch first. Others need it not.
    pub states: Vec<(Name, Vec<(Epoch, Value)>)>,
    /// Epochs that have failed, or were left out, and that these states may tell of.
    pub failed: Vec<u32>,
    /// The nodes that are disabled, whatever the tube said when it was loaded.
    pub disabled: Vec<Name>,
}

#[diagnostic::do_not_recommend]
impl Message for Resume {
    const KIND: &'static str = "resume";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        let rare = [
            self.states.is_empty(),
            self.failed.is_empty(),
            self.disabled.is_empty(),
        ];
        writer.map(2 + rare.iter().filter(|empty| !**empty).count());
        writer.key("next");
        writer.uint(self.next.into());
        writer.key("open");
        writer.list(self.open.len());
        for (epoch, input) in &self.open {
            writer.list(2);
            writer.uint((*epoch).into());
            match input {
                Some(input) => {
                    let put = writer.put(&Value::Map(input.clone()), 0);
                    put.map_err(|error| {
                        writer.unencodable_error(error.under("open").under("value"))
                    })?;
                }
                None => writer.null(),
            }
            writer.end_list();
        }
        writer.end_list();
        if !self.states.is_empty() {
            writer.key("states");
            writer.list(self.states.len());
            for (node, states) in &self.states {
                writer.list(2);
                writer.str(node);
                writer.list(states.len());
                for (epoch, state) in states {
                    writer.list(2);
                    writer.epoch(epoch);
                    let put = writer.put(state, 0);
                    put.map_err(|error| writer.unencodable_error(error.under("states")))?;
                    writer.end_list();
                }
                writer.end_list();
                writer.end_list();
            }
            writer.end_list();
        }
        if !self.failed.is_empty() {
            writer.key("failed");
            writer.list(self.failed.len());
            for epoch in &self.failed {
                writer.uint((*epoch).into());
            }
            writer.end_list();
        }
        if !self.disabled.is_empty() {
            writer.key("disabled");
            writer.list(self.disabled.len());
            for node in &self.disabled {
                writer.str(node);
            }
            writer.end_list();
        }
        writer.end_map();
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        raw.required(|value| {
            let fields = Fields::of(value)?;
            let number = |value: &Value| {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                number.ok_or_else(|| {
                    ValueError::expected(&"the number of an epoch, 0 to 4294967295", value)
                })
            };
            let open = |value: &Value| match value.as_list() {
                Some([epoch, input]) => Ok((
                    number(epoch).map_err(|error| error.item(0))?,
                    nullable(|input| match input {
                        Value::Map(map) => Ok(map.clone()),
                        other => Err(ValueError::expected(&"an object of inputs, or null", other)),
                    })(input)
                    .map_err(|error| error.item(1))?,
                )),
                _ => Err(ValueError::expected(&"`[epoch, inputs]`", value)),
            };
            let state = |value: &Value| match value.as_list() {
                Some([epoch, state]) => Ok((
                    lenient::epoch(epoch).map_err(|error| error.item(0))?,
                    state.clone(),
                )),
                _ => Err(ValueError::expected(&"`[epoch, state]`", value)),
            };
            let states = |value: &Value| match value.as_list() {
                Some([node, states]) => Ok((
                    lenient::name(node).map_err(|error| error.item(0))?,
                    lenient::list(states, "a list of states", state)
                        .map_err(|error| error.item(1))?,
                )),
                _ => Err(ValueError::expected(&"`[node, states]`", value)),
            };
            Ok(Self {
                failed: fields
                    .optional("failed", |list| {
                        lenient::list(list, "a list of epochs", number)
                    })?
                    .unwrap_or_default(),
                disabled: fields
                    .optional("disabled", |list| {
                        lenient::list(list, "a list of nodes", lenient::name)
                    })?
                    .unwrap_or_default(),
                states: fields
                    .optional("states", |list| {
                        lenient::list(list, "a list of nodes and states", states)
                    })?
                    .unwrap_or_default(),
                next: fields.get("next", number)?,
                open: fields.get("open", |list| {
                    lenient::list(list, "a list of open epochs", open)
                })?,
            })
        })
    }
}

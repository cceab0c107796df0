//! `health`: a node lives, and what it has done so far.

use crate::{
    graph::{Epoch, Name, Value, ValueError},
    wire::{
        Message, NodeStatus, RawMessage, WireError, Writer,
        lenient::{self, Fields, text},
    },
};

/// A node lives, and what it has done since its process was started. Between nodes of ours, several times a second; noob has no such kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The node: whoever sends it.
    pub node_id: Name,
    /// What it does.
    pub status: NodeStatus,
    /// Epochs that were run to their end.
    pub epochs: u64,
    /// Calls that were made.
    pub calls: u64,
    /// Events that were heard.
    pub events_in: u64,
    /// Events that were said.
    pub events_out: u64,
    /// Calls that are ready and not begun.
    pub queue: u64,
    /// The epoch of the call that goes on.
    pub busy: Option<Epoch>,
    /// The call that goes on has taken longer than the node's `timeout` allows.
    pub overran: bool,
    /// Calls that were left out in favour of newer ones, by the edge that says so (`node.signal`).
    pub dropped: Vec<(String, u64)>,
    /// The thread that serves its sockets, as the kernel numbers it, where it does.
    pub thread: Option<u32>,
    /// Messages that it has dropped, since they could not be read or were not their sender's to send.
    pub refused: u64,
}

#[diagnostic::do_not_recommend]
impl Message for Health {
    const KIND: &'static str = "health";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.map(if self.thread.is_some() { 11 } else { 10 });
        writer.key("status");
        writer.str(self.status.as_str());
        for (key, count) in [
            ("epochs", self.epochs),
            ("calls", self.calls),
            ("events_in", self.events_in),
            ("events_out", self.events_out),
            ("queue", self.queue),
        ] {
            writer.key(key);
            writer.uint(count);
        }
        writer.key("busy");
        match &self.busy {
            Some(epoch) => writer.epoch(epoch),
            None => writer.null(),
        }
        writer.key("overran");
        writer.bool(self.overran);
        writer.key("dropped");
        writer.map(self.dropped.len());
        for (edge, count) in &self.dropped {
            writer.key(edge);
            writer.uint(*count);
        }
        writer.end_map();
        if let Some(thread) = self.thread {
            writer.key("thread");
            writer.uint(thread.into());
        }
        writer.key("refused");
        writer.uint(self.refused);
        writer.end_map();
        Ok(())
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        let count = |value: &Value| {
            value
                .as_u64()
                .ok_or_else(|| ValueError::expected(&"a count", value))
        };
        raw.required(|value| {
            let fields = Fields::of(value)?;
            Ok(Self {
                node_id: raw.sender().clone(),
                status: fields.get("status", |status| {
                    let word = text(status)?;
                    NodeStatus::ALL
                        .into_iter()
                        .find(|status| status.as_str() == word)
                        .ok_or_else(|| ValueError::expected(&"the status of a node", status))
                })?,
                epochs: fields.get("epochs", count)?,
                calls: fields.get("calls", count)?,
                events_in: fields.get("events_in", count)?,
                events_out: fields.get("events_out", count)?,
                queue: fields.get("queue", count)?,
                busy: fields.optional("busy", lenient::epoch)?,
                overran: fields.get("overran", |value| {
                    value
                        .as_bool()
                        .ok_or_else(|| ValueError::expected(&"true or false", value))
                })?,
                dropped: fields.get("dropped", |edges| {
                    let entries = Fields::of(edges)?.entries();
                    entries
                        .map(|(edge, value)| Ok((edge.clone(), count(value)?)))
                        .collect()
                })?,
                thread: fields.optional("thread", |thread| {
                    let id = thread.as_u64().and_then(|id| u32::try_from(id).ok());
                    id.ok_or_else(|| ValueError::expected(&"the number of a thread", thread))
                })?,
                refused: fields.get("refused", count)?,
            })
        })
    }
}

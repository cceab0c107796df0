//! `event`: what a node has said.

use std::borrow::Cow;

use crate::{
    graph::{Epoch, Event, Name, Segment, Timestamp, Value, ValueError},
    wire::{
        Codec, Message, NameCache, RawMessage, WireError, Writer, error::Problem, json, lenient,
        lenient::missing, msgpack, sentinel,
    },
};

/// What a node has said: all signals of one call in one message, or of many.
#[derive(Debug, Clone, PartialEq)]
pub struct Events(
    /// The events, in the order in which they were made.
    pub Vec<Event>,
);

impl Events {
    /// As [`Message::decode`], with names that are kept from message to message: then an event with a scalar value costs no allocation.
    ///
    /// # Errors
    /// As [`Message::decode`]: one event that cannot be read makes the whole message unreadable, as in noob.
    pub fn decode_with(raw: &RawMessage, names: &mut NameCache) -> Result<Self, WireError> {
        raw.is(Self::KIND)?;
        match raw.codec() {
            Codec::MsgPack => raw.in_msgpack(|reader| from_msgpack(reader, names)),
            Codec::Json => raw.in_json(|reader| from_json(reader, names)),
        }
        .map(Self)
    }
}

impl Message for Events {
    const KIND: &'static str = "event";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.events(&self.0)
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        Self::decode_with(raw, &mut NameCache::new())
    }
}

fn from_msgpack(
    reader: &mut msgpack::Reader<'_>,
    names: &mut NameCache,
) -> Result<Vec<Event>, Problem> {
    let len = reader.list("a list of events")?;
    let mut events = Vec::with_capacity(reader.room(len));
    for _ in 0..len {
        reader.exactly(6, "an event of id, time, node, signal, epoch and value")?;
        events.push(Event {
            id: reader.uint("the id of an event")?,
            timestamp: Timestamp(reader.i64("the time of an event")?),
            node_id: names.name(reader.str("the node of an event")?),
            signal: names.name(reader.str("the signal of an event")?),
            epoch: packed_epoch(reader, names)?,
            value: reader.emit()?,
        });
    }
    Ok(events)
}

fn packed_epoch(reader: &mut msgpack::Reader<'_>, names: &mut NameCache) -> Result<Epoch, Problem> {
    const ROOT: &str = "the number of an epoch";
    if !reader.is_list() {
        return Ok(Epoch::root(reader.u32(ROOT)?));
    }
    let len = reader.list(ROOT)?;
    let root = reader.u32(ROOT)?;
    let mut path = Vec::with_capacity(reader.room(len));
    for _ in 1..len {
        reader.exactly(2, "a step of an epoch (node and number)")?;
        let node = names.name(reader.str("the node of a sub-epoch")?);
        path.push(Segment {
            node,
            index: reader.u32("the number of a sub-epoch")?,
        });
    }
    Ok(Epoch::new(root, path))
}

fn from_json(reader: &mut json::Reader<'_>, names: &mut NameCache) -> Result<Vec<Event>, Problem> {
    let mut events = Vec::new();
    if !reader.is_list() {
        return Err(ValueError::expected(&"a list of events", &reader.value()?).into());
    }
    reader.list(|reader, index| {
        events.push(json_event(reader, names).map_err(|problem| problem.item(index))?);
        Ok(())
    })?;
    Ok(events)
}

/// The fields of an event, as far as they were met; the last of equal keys wins, and is the only one that must make sense.
#[derive(Default)]
struct Parts {
    id: Option<Value>,
    timestamp: Option<Value>,
    node_id: Option<Value>,
    signal: Option<Value>,
    epoch: Option<Value>,
    value: Option<Value>,
}

fn json_event(reader: &mut json::Reader<'_>, names: &mut NameCache) -> Result<Event, Problem> {
    if !reader.is_object() {
        return Err(ValueError::expected(&"an event", &reader.value()?).into());
    }
    let mut parts = Parts::default();
    reader.object(|reader, key: Cow<'_, str>| {
        let part = match &*key {
            "id" => &mut parts.id,
            "timestamp" => &mut parts.timestamp,
            "node_id" => &mut parts.node_id,
            "signal" => &mut parts.signal,
            "epoch" => &mut parts.epoch,
            "value" => &mut parts.value,
            _ => return reader.skip(),
        };
        *part = Some(reader.value()?);
        Ok(())
    })?;
    let mut name = |value: &Value| -> Result<Name, ValueError> {
        lenient::text(value).map(|text| names.name(text))
    };
    let node_id = part("node_id", parts.node_id, &mut name)?;
    let meta = &*node_id == "meta";
    Ok(Event {
        id: part("id", parts.id, lenient::id)?,
        timestamp: part("timestamp", parts.timestamp, lenient::event_timestamp)?,
        signal: part("signal", parts.signal, |value| {
            match (meta, value.as_str()) {
                (false, _) | (true, Some("NodeReady" | "EpochEnded")) => name(value),
                (true, _) => Err(ValueError::expected(
                    &"`NodeReady` or `EpochEnded` as the signal of a meta event",
                    value,
                )),
            }
        })?,
        epoch: part("epoch", parts.epoch, lenient::epoch)?,
        value: match parts.value {
            Some(value) => sentinel::meaning(value, meta),
            None => return Err(missing("value").into()),
        },
        node_id,
    })
}

fn part<T>(
    key: &str,
    value: Option<Value>,
    read: impl FnOnce(&Value) -> Result<T, ValueError>,
) -> Result<T, Problem> {
    match value {
        Some(value) => Ok(read(&value).map_err(|error| error.under(key))?),
        None => Err(missing(key).into()),
    }
}

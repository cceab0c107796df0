//! `event`: what a node has said.

use crate::{
    graph::{Epoch, Event, Name, Segment, Timestamp, Value, ValueError},
    wire::{
        Codec, Message, NameCache, RawMessage, WireError, Writer, error::DecodeProblem, json,
        lenient, lenient::missing, msgpack, sentinel,
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
        let events = match raw.codec() {
            Codec::MsgPack => raw.in_msgpack(|reader| from_msgpack(reader, names)),
            Codec::Json => raw.in_json(|reader| from_json(reader, names)),
        }?;
        // Names that follow each other and are equal are one and the same: one comparison a message, as a rule.
        let mut before: Option<&Name> = None;
        for Event { node_id, .. } in &events {
            if before.is_none_or(|before| !std::sync::Arc::ptr_eq(before, node_id)) {
                raw.check_speaker(node_id)?;
            }
            before = Some(node_id);
        }
        Ok(Self(events))
    }
}

#[diagnostic::do_not_recommend]
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
) -> Result<Vec<Event>, DecodeProblem> {
    let len = reader.list("a list of events")?;
    let mut events = Vec::<Event>::with_capacity(reader.room(len));
    for _ in 0..len {
        reader.exactly(6, "an event of id, time, node, signal, epoch and value")?;
        let id = reader.uint("the id of an event")?;
        let timestamp = Timestamp::from_micros(reader.i64("the time of an event")?);
        let (node_id, signal) = (
            reader.str("the node of an event")?,
            reader.str("the signal of an event")?,
        );
        // Most often a message is about one signal.
        let last = events.last().map(|last| (&last.node_id, &last.signal));
        let (node_id, signal) = match last {
            Some((node, said)) if **node == *node_id && **said == *signal => {
                (node.clone(), said.clone())
            }
            _ => (names.name(node_id), names.name(signal)),
        };
        let epoch = packed_epoch(reader, names)?;
        events.push(Event {
            id,
            timestamp,
            node_id,
            signal,
            epoch,
            value: reader.emit()?,
        });
    }
    Ok(events)
}

fn packed_epoch(
    reader: &mut msgpack::Reader<'_>,
    names: &mut NameCache,
) -> Result<Epoch, DecodeProblem> {
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

fn from_json(
    reader: &mut json::Reader<'_>,
    names: &mut NameCache,
) -> Result<Vec<Event>, DecodeProblem> {
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

/// A field of an event, as far as it was met; the last of equal keys wins, and is the only one that must make sense.
type Part<T> = Option<Result<T, ValueError>>;

fn json_event(
    reader: &mut json::Reader<'_>,
    names: &mut NameCache,
) -> Result<Event, DecodeProblem> {
    if !reader.is_object() {
        return Err(ValueError::expected(&"an event", &reader.value()?).into());
    }
    let mut id: Part<u64> = None;
    let mut timestamp: Part<Timestamp> = None;
    let mut node_id: Part<Name> = None;
    let mut signal: Part<Name> = None;
    let mut epoch: Part<Epoch> = None;
    let mut value = None;
    reader.object(|reader, key| {
        match &*key {
            "id" => id = Some(lenient::id(&reader.value()?)),
            "timestamp" => timestamp = Some(json_timestamp(reader)?),
            "node_id" => node_id = Some(json_name(reader, names)?),
            "signal" => signal = Some(json_name(reader, names)?),
            "epoch" => epoch = Some(lenient::epoch(&reader.value()?)),
            "value" => value = Some(reader.value()?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let node_id = part("node_id", node_id)?;
    let signal = part("signal", signal)?;
    let meta = &*node_id == "meta";
    if meta && !matches!(&*signal, "NodeReady" | "EpochEnded") {
        let expected = "`NodeReady` or `EpochEnded` as the signal of a meta event";
        return Err(ValueError::expected(&expected, &Value::Str(signal))
            .under("signal")
            .into());
    }
    Ok(Event {
        id: part("id", id)?,
        timestamp: part("timestamp", timestamp)?,
        node_id,
        signal,
        epoch: part("epoch", epoch)?,
        value: match value {
            Some(value) => sentinel::meaning(value, meta),
            None => return Err(missing("value").into()),
        },
    })
}

fn json_name(
    reader: &mut json::Reader<'_>,
    names: &mut NameCache,
) -> Result<Result<Name, ValueError>, DecodeProblem> {
    if reader.is_string() {
        return Ok(Ok(names.name(&reader.string()?)));
    }
    Ok(lenient::name(&reader.value()?))
}

fn json_timestamp(
    reader: &mut json::Reader<'_>,
) -> Result<Result<Timestamp, ValueError>, DecodeProblem> {
    if !reader.is_string() {
        return Ok(lenient::event_timestamp(&reader.value()?));
    }
    let text = reader.string()?;
    match Timestamp::parse_iso(&text) {
        Some(timestamp) => Ok(Ok(timestamp)),
        None => Ok(lenient::event_timestamp(&Value::from(&*text))),
    }
}

fn part<T>(key: &str, part: Part<T>) -> Result<T, DecodeProblem> {
    match part {
        Some(read) => Ok(read.map_err(|error| error.under(key))?),
        None => Err(missing(key).into()),
    }
}

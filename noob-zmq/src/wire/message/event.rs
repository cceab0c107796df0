//! `event`: values that a node has emitted.

use std::sync::Arc;

use crate::{
    graph::{Emit, Epoch, Event, Name, Segment, Timestamp, Value},
    wire::{
        Codec, Message, NameCache, RawMessage, WireError, Writer, error::DecodeProblem,
        interner::with_names_of_thread, msgpack,
    },
};

/// Events of a node for the command node, without large values that the command node does not use.
///
/// Withheld values travel to the nodes that take them, in [`Events`] on the topic `NODE.SIGNAL`.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Receipt {
    /// The events, in the order in which they were made; null stands for a withheld value.
    pub events: Vec<Event>,
    /// Events whose values are withheld, each with the size of its value in bytes; lowest place
    /// first.
    pub withheld: Vec<(u32, u64)>,
}

/// Events of a node: all signals of one call in one message, or of several calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Events(
    /// The events, in the order in which they were made.
    pub Vec<Event>,
);

impl Events {
    /// Decodes as [`Message::decode`] with names that are shared between messages, so that an event
    /// with a scalar value costs no allocation.
    ///
    /// # Errors
    /// As [`Message::decode`]: one event that cannot be read makes the whole message unreadable.
    pub fn decode_with(raw: &RawMessage, names: &mut NameCache) -> Result<Self, WireError> {
        raw.check_kind(Self::KIND)?;
        let events = match raw.codec() {
            Codec::MsgPack => raw.in_msgpack(|reader| read_events(reader, names)),
            Codec::Json => raw.deserialize::<Vec<Event>>(),
        }?;
        check_speakers(raw, &events)?;
        Ok(Self(events))
    }
}

impl Receipt {
    /// Returns the receipt of `events`, from which it takes the values that `withholds` names.
    #[must_use]
    pub(crate) fn new(mut events: Vec<Event>, withholds: impl Fn(&Event) -> bool) -> Self {
        let mut withheld = Vec::new();
        for (place, event) in (0..).zip(&mut events) {
            if withholds(event)
                && let Emit::Value(value) = &mut event.value
            {
                withheld.push((place, value.size()));
                *value = Value::Null;
            }
        }
        Self { events, withheld }
    }

    fn check(self, raw: &RawMessage) -> Result<Self, WireError> {
        check_speakers(raw, &self.events)?;
        let places = self.withheld.iter().map(|(place, _)| *place as usize);
        if places.is_sorted_by(|one, next| one < next)
            && self.withheld.last().is_none_or(|(place, _)| {
                matches!(
                    self.events.get(*place as usize),
                    Some(Event {
                        value: Emit::Value(Value::Null),
                        ..
                    })
                )
            })
        {
            return Ok(self);
        }
        Err(raw.invalid("the places of withheld values are not those of events, in their order"))
    }
}

/// Checks that events are in the name of the sender.
fn check_speakers(raw: &RawMessage, events: &[Event]) -> Result<(), WireError> {
    // Equal names in a row are usually one `Arc`, so that a message costs one comparison.
    let mut before: Option<&Name> = None;
    for Event { node_id, .. } in events {
        if before.is_none_or(|before| !Arc::ptr_eq(before, node_id)) {
            raw.check_speaker(node_id)?;
        }
        before = Some(node_id);
    }
    Ok(())
}

#[diagnostic::do_not_recommend]
impl Message for Receipt {
    const KIND: &'static str = "receipt";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.receipt(&self.events, &self.withheld)
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        let (events, withheld) = match raw.codec() {
            Codec::MsgPack => raw.in_msgpack(|reader| {
                reader.exactly(2, "a receipt of events and withheld values")?;
                let events = with_names_of_thread(|names| read_events(reader, names))?;
                let len = reader.list("a list of withheld values")?;
                let mut withheld = Vec::with_capacity(reader.capacity_for(len));
                for _ in 0..len {
                    reader.exactly(2, "a withheld value of place and size")?;
                    let place = reader.u32("the place of a withheld value")?;
                    withheld.push((place, reader.uint("the size of a withheld value")?));
                }
                Ok((events, withheld))
            }),
            Codec::Json => raw.deserialize(),
        }?;
        Self { events, withheld }.check(raw)
    }
}

#[diagnostic::do_not_recommend]
impl Message for Events {
    const KIND: &'static str = "event";

    fn encode(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.events(&self.0)
    }

    fn decode(raw: &RawMessage) -> Result<Self, WireError> {
        with_names_of_thread(|names| Self::decode_with(raw, names))
    }
}

/// Reads events: the names that occur in them, the id and the time of the first, and the events.
fn read_events(
    reader: &mut msgpack::Reader<'_>,
    cache: &mut NameCache,
) -> Result<Vec<Event>, DecodeProblem> {
    reader.exactly(
        4,
        "events: their names, a first id, a first time, and a list",
    )?;
    let names = EventNames::read(reader, cache)?;
    let first_id = reader.uint("the id of the first event")?;
    let first_time = reader.i64("the time of the first event")?;
    let len = reader.list("a list of events")?;
    let mut events = Vec::with_capacity(reader.capacity_for(len));
    for _ in 0..len {
        reader.exactly(6, "an event of id, time, node, signal, epoch and value")?;
        let id = reader.uint("how far the id of an event is ahead")?;
        let time = reader.i64("how much later an event is")?;
        events.push(Event {
            id: first_id.wrapping_add(id),
            timestamp: Timestamp::from_micros(first_time.wrapping_add(time)),
            node_id: names.next(reader, "the node of an event")?,
            signal: names.next(reader, "the signal of an event")?,
            epoch: read_epoch(reader, &names)?,
            value: reader.emit()?,
        });
    }
    Ok(events)
}

/// Names of a message, by number.
struct EventNames(Vec<Name>);

impl EventNames {
    fn read(
        reader: &mut msgpack::Reader<'_>,
        cache: &mut NameCache,
    ) -> Result<Self, DecodeProblem> {
        let len = reader.list("the names of nodes and signals")?;
        let mut names = Vec::with_capacity(reader.capacity_for(len));
        for _ in 0..len {
            names.push(cache.name(reader.str("the name of a node or signal")?));
        }
        Ok(Self(names))
    }

    /// Reads the number of a name.
    fn next(&self, reader: &mut msgpack::Reader<'_>, what: &str) -> Result<Name, DecodeProblem> {
        let at = reader.at();
        let number = reader.u32(what)?;
        self.0.get(number as usize).cloned().ok_or_else(|| {
            let found = format!("{what} is name {number} of {}", self.0.len());
            DecodeProblem::syntax(found, at)
        })
    }
}

fn read_epoch(
    reader: &mut msgpack::Reader<'_>,
    names: &EventNames,
) -> Result<Epoch, DecodeProblem> {
    const ROOT: &str = "the number of an epoch";
    if !reader.is_list() {
        return Ok(Epoch::root(reader.u32(ROOT)?));
    }
    let len = reader.list(ROOT)?;
    let root = reader.u32(ROOT)?;
    let mut path = Vec::with_capacity(reader.capacity_for(len));
    for _ in 1..len {
        reader.exactly(2, "a step of an epoch (node and number)")?;
        path.push(Segment {
            node: names.next(reader, "the node of a sub-epoch")?,
            index: reader.u32("the number of a sub-epoch")?,
        });
    }
    Ok(Epoch::new(root, path))
}

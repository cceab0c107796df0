//! Writes one msgpack body.

use std::convert::Infallible;
use std::sync::Arc;

use rmp::encode::{self, ByteBuf, ValueWriteError};

use super::{BIG_INT, BUFFER, NO_VALUE, OPAQUE, PACKED, TENSOR};
use crate::{
    graph::{Bytes, Emit, Epoch, Event, Name, Opaque, Tensor, Timestamp, Value, ValueError},
    wire::codec::{Codec, too_deep},
};

/// Maximum length of a text, list, map or buffer (with room for the shape of a tensor).
const MAX_LEN: usize = 0xffff_0000;
/// Minimum length of a buffer with a frame of its own: below, a frame costs more than the copy.
const MIN_FRAME: usize = 16 << 10;
/// Maximum number of frames beside the body of a message.
const MAX_FRAMES: usize = 1024;
const MAX_DEPTH: usize = Codec::MsgPack.max_value_depth();

/// A msgpack body that is written from front to back.
#[derive(Debug)]
pub(crate) struct Writer {
    out: ByteBuf,
    /// Large buffers with frames of their own, if the message may have such frames.
    frames: Option<Vec<Bytes>>,
}

impl Writer {
    /// Returns an empty body; with `framed`, large buffers are put into frames of their own.
    pub(crate) fn new(capacity: usize, framed: bool) -> Self {
        Self {
            out: ByteBuf::with_capacity(capacity),
            frames: framed.then(Vec::new),
        }
    }

    /// Writes everything of the body that stands before its value.
    pub(crate) fn head(
        &mut self,
        kind: &str,
        sender: &str,
        timestamp: Timestamp,
    ) -> Result<(), ValueError> {
        encode::write_array_len(&mut self.out, 4)?;
        encode::write_str(&mut self.out, kind)?;
        encode::write_str(&mut self.out, sender)?;
        encode::write_sint(&mut self.out, timestamp.as_micros())?;
        Ok(())
    }

    /// Returns the body, and the buffers with frames of their own.
    pub(crate) fn finish(self) -> (Bytes, Vec<Bytes>) {
        (self.out.into_vec().into(), self.frames.unwrap_or_default())
    }

    /// Returns the number of the frame that these bytes get, if they get one.
    fn frame(&mut self, bytes: &Bytes) -> Option<u32> {
        let frames = self.frames.as_mut()?;
        if bytes.len() < MIN_FRAME || frames.len() == MAX_FRAMES {
            return None;
        }
        let number = u32::try_from(frames.len()).ok()?;
        frames.push(bytes.clone());
        Some(number)
    }

    /// Writes a value that lies below `depth` lists and maps.
    pub(crate) fn value(&mut self, value: &Value, depth: usize) -> Result<(), ValueError> {
        if depth > MAX_DEPTH {
            return Err(too_deep(MAX_DEPTH));
        }
        check_length(value)?;
        match value {
            Value::Null => encode::write_nil(&mut self.out)?,
            Value::Bool(value) => encode::write_bool(&mut self.out, *value)?,
            Value::Int(value) => {
                encode::write_sint(&mut self.out, *value)?;
            }
            Value::UInt(value) => {
                encode::write_uint(&mut self.out, *value)?;
            }
            Value::Float(value) => encode::write_f64(&mut self.out, *value)?,
            Value::Str(text) => encode::write_str(&mut self.out, text)?,
            Value::List(items) if let Some((number, data)) = items.as_packed() => {
                let frame = self.frame(data);
                let mut head = ByteBuf::new();
                encode::write_array_len(&mut head, 2)?;
                encode::write_str(&mut head, number.dtype())?;
                self.with_data(PACKED, head, data, frame)?;
            }
            Value::List(items) => {
                self.list(items.len())?;
                for (index, item) in items.iter().enumerate() {
                    self.value(item, depth + 1)
                        .map_err(|error| error.item(index))?;
                }
            }
            Value::Map(map) => {
                encode::write_map_len(&mut self.out, map.len() as u32)?;
                for (key, value) in map.iter() {
                    encode::write_str(&mut self.out, key)?;
                    self.value(value, depth + 1)
                        .map_err(|error| error.under(key))?;
                }
            }
            Value::BigInt(digits) => {
                if Value::integer(digits).is_none() {
                    let message = format!("the big integer `{digits:.40}` is not made of digits");
                    return Err(ValueError::new(message));
                }
                write_extension(&mut self.out, BIG_INT, digits.len())?;
                self.raw(digits.as_bytes());
            }
            Value::Bytes(bytes) => match self.frame(bytes) {
                Some(frame) => write_reference(&mut self.out, frame)?,
                None => encode::write_bin(&mut self.out, bytes)?,
            },
            Value::Tensor(tensor) => {
                let frame = self.frame(&tensor.data);
                self.tensor(tensor, frame)?;
            }
            Value::Opaque(opaque) => self.opaque(opaque)?,
            Value::Object(object) => self.value(&object.encode()?, depth)?,
        }
        Ok(())
    }

    /// Writes the value of an `event` message: the names that occur in it, the id and the time of
    /// the first event, and the events, which refer to these.
    pub(crate) fn events(&mut self, events: &[Event]) -> Result<(), ValueError> {
        let names = EventNames::of(events);
        let first = events.first();
        let first = first.map_or((0, 0), |event| (event.id, event.timestamp.as_micros()));
        self.list(4)?;
        self.list(names.0.len())?;
        for name in &names.0 {
            encode::write_str(&mut self.out, name)?;
        }
        encode::write_uint(&mut self.out, first.0)?;
        encode::write_sint(&mut self.out, first.1)?;
        self.list(events.len())?;
        for (index, event) in events.iter().enumerate() {
            self.event(event, &names, first)
                .map_err(|error| error.under("value").item(index))?;
        }
        Ok(())
    }

    /// Writes the value of a `receipt` message.
    pub(crate) fn receipt(
        &mut self,
        events: &[Event],
        withheld: &[(u32, u64)],
    ) -> Result<(), ValueError> {
        self.list(2)?;
        self.events(events)?;
        self.list(withheld.len())?;
        for (place, size) in withheld {
            self.list(2)?;
            encode::write_uint(&mut self.out, (*place).into())?;
            encode::write_uint(&mut self.out, *size)?;
        }
        Ok(())
    }

    fn event(
        &mut self,
        event: &Event,
        names: &EventNames<'_>,
        (first_id, first_time): (u64, i64),
    ) -> Result<(), ValueError> {
        self.list(6)?;
        encode::write_uint(&mut self.out, event.id.wrapping_sub(first_id))?;
        let time = event.timestamp.as_micros().wrapping_sub(first_time);
        encode::write_sint(&mut self.out, time)?;
        encode::write_uint(&mut self.out, names.number_of(&event.node_id))?;
        encode::write_uint(&mut self.out, names.number_of(&event.signal))?;
        self.epoch(&event.epoch, names)?;
        match &event.value {
            Emit::Nothing => self.no_value(0),
            Emit::Exhausted => self.no_value(1),
            Emit::Value(value) => self.value(value, 0),
        }
    }

    fn epoch(&mut self, epoch: &Epoch, names: &EventNames<'_>) -> Result<(), ValueError> {
        if !epoch.is_root() {
            self.list(1 + epoch.depth())?;
        }
        encode::write_uint(&mut self.out, epoch.number().into())?;
        for segment in epoch.path() {
            self.list(2)?;
            encode::write_uint(&mut self.out, names.number_of(&segment.node))?;
            encode::write_uint(&mut self.out, segment.index.into())?;
        }
        Ok(())
    }

    /// Writes one of the two signs for no value.
    fn no_value(&mut self, sign: u8) -> Result<(), ValueError> {
        write_extension(&mut self.out, NO_VALUE, 1)?;
        self.raw(&[sign]);
        Ok(())
    }

    /// Writes a tensor, with its data unless they have a frame of this number.
    fn tensor(&mut self, tensor: &Tensor, frame: Option<u32>) -> Result<(), ValueError> {
        let mut head = ByteBuf::new();
        encode::write_array_len(&mut head, 3)?;
        encode::write_str(&mut head, &tensor.dtype)?;
        encode::write_array_len(&mut head, tensor.shape.len() as u32)?;
        for length in tensor.shape.iter() {
            encode::write_uint(&mut head, *length)?;
        }
        self.with_data(TENSOR, head, &tensor.data, frame)
    }

    /// Writes an extension that ends with data, or with the reference to the frame that has them.
    fn with_data(
        &mut self,
        kind: u8,
        mut head: ByteBuf,
        data: &[u8],
        frame: Option<u32>,
    ) -> Result<(), ValueError> {
        let inside = match frame {
            Some(frame) => {
                write_reference(&mut head, frame)?;
                &[][..]
            }
            None => {
                encode::write_bin_len(&mut head, data.len() as u32)?;
                data
            }
        };
        let length = head.as_slice().len() + inside.len();
        write_extension(&mut self.out, kind, length)?;
        self.raw(head.as_slice());
        self.raw(inside);
        Ok(())
    }

    /// Writes an object of another language.
    fn opaque(&mut self, opaque: &Opaque) -> Result<(), ValueError> {
        let mut content = ByteBuf::new();
        encode::write_array_len(&mut content, 3)?;
        encode::write_str(&mut content, &opaque.kind)?;
        self.part(&mut content, &opaque.data)?;
        encode::write_array_len(&mut content, opaque.buffers.len() as u32)?;
        for buffer in &opaque.buffers {
            self.part(&mut content, buffer)?;
        }
        write_extension(&mut self.out, OPAQUE, content.as_slice().len())?;
        self.raw(content.as_slice());
        Ok(())
    }

    /// Writes bytes, or the reference to the frame that they get.
    fn part(&mut self, content: &mut ByteBuf, bytes: &Bytes) -> Result<(), ValueError> {
        match self.frame(bytes) {
            Some(frame) => write_reference(content, frame)?,
            None => encode::write_bin(content, bytes)?,
        }
        Ok(())
    }

    fn list(&mut self, len: usize) -> Result<(), ValueError> {
        encode::write_array_len(&mut self.out, len as u32)?;
        Ok(())
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.out.as_mut_vec().extend_from_slice(bytes);
    }
}

/// Names of nodes and signals that occur in a message, each once, by number.
///
/// A message has few: those of one node, its signals, and the maps above it.
struct EventNames<'a>(Vec<&'a Name>);

impl<'a> EventNames<'a> {
    fn of(events: &'a [Event]) -> Self {
        let mut names = Self(Vec::new());
        for event in events {
            names.add(&event.node_id);
            names.add(&event.signal);
            for segment in event.epoch.path() {
                names.add(&segment.node);
            }
        }
        names
    }

    fn add(&mut self, name: &'a Name) {
        if self.position(name).is_none() {
            self.0.push(name);
        }
    }

    fn number_of(&self, name: &Name) -> u64 {
        self.position(name).unwrap_or_default() as u64
    }

    fn position(&self, name: &Name) -> Option<usize> {
        // Equal names are mostly one in memory.
        let same = |known: &&Name| Arc::ptr_eq(known, name);
        let equal = |known: &&Name| *known == name;
        let known = self.0.iter().position(same);
        known.or_else(|| self.0.iter().position(equal))
    }
}

/// Writes the head of an extension, whose `len` bytes follow.
fn write_extension(out: &mut ByteBuf, kind: u8, len: usize) -> Result<(), ValueError> {
    encode::write_ext_meta(out, len as u32, kind.cast_signed())?;
    Ok(())
}

/// Writes the reference to a frame of this number.
fn write_reference(out: &mut ByteBuf, frame: u32) -> Result<(), ValueError> {
    write_extension(out, BUFFER, 4)?;
    out.as_mut_vec().extend_from_slice(&frame.to_be_bytes());
    Ok(())
}

// Writing into memory never fails; these conversions are for `?`.

impl From<ValueWriteError<Infallible>> for ValueError {
    fn from(error: ValueWriteError<Infallible>) -> Self {
        match error {}
    }
}

impl From<Infallible> for ValueError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

fn check_length(value: &Value) -> Result<(), ValueError> {
    let len = match value {
        Value::Str(text) => text.len(),
        Value::List(items) => items
            .as_packed()
            .map_or(items.len(), |(_, data)| data.len()),
        Value::Map(map) => map.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Tensor(tensor) => tensor.data.len(),
        // Each of its parts has a head of some bytes.
        Value::Opaque(opaque) => {
            let heads = opaque.kind.len() + 8 * opaque.buffers.len();
            usize::try_from(opaque.size()).unwrap_or(usize::MAX) + heads
        }
        _ => 0,
    };
    if len <= MAX_LEN {
        return Ok(());
    }
    Err(ValueError::new(format!(
        "a {} of {len} bytes or items; at most {MAX_LEN} fit into a message",
        value.type_name()
    )))
}

//! Writes one msgpack body.

use super::encode;
use crate::{
    graph::{Bytes, Emit, Epoch, Event, Timestamp, Value, ValueError},
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
    out: Vec<u8>,
    /// Large buffers with frames of their own, if the message may have such frames.
    frames: Option<Vec<Bytes>>,
}

impl Writer {
    /// Returns an empty body; with `framed`, large buffers are put into frames of their own.
    pub(crate) fn new(capacity: usize, framed: bool) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
            frames: framed.then(Vec::new),
        }
    }

    /// Writes everything of the body that stands before its value.
    pub(crate) fn head(&mut self, kind: &str, sender: &str, timestamp: Timestamp) {
        encode::write_list(&mut self.out, 4);
        encode::write_str(&mut self.out, kind);
        encode::write_str(&mut self.out, sender);
        encode::write_int(&mut self.out, timestamp.as_micros());
    }

    /// Returns the body, and the buffers with frames of their own.
    pub(crate) fn finish(self) -> (Bytes, Vec<Bytes>) {
        (self.out.into(), self.frames.unwrap_or_default())
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
            Value::Null => encode::write_null(&mut self.out),
            Value::Bool(value) => encode::write_bool(&mut self.out, *value),
            Value::Int(value) => encode::write_int(&mut self.out, *value),
            Value::UInt(value) => encode::write_uint(&mut self.out, *value),
            Value::Float(value) => encode::write_float(&mut self.out, *value),
            Value::Str(text) => encode::write_str(&mut self.out, text),
            Value::List(items) => {
                encode::write_list(&mut self.out, items.len());
                for (index, item) in items.iter().enumerate() {
                    self.value(item, depth + 1)
                        .map_err(|error| error.item(index))?;
                }
            }
            Value::Map(map) => {
                encode::write_map(&mut self.out, map.len());
                for (key, value) in map.iter() {
                    encode::write_str(&mut self.out, key);
                    self.value(value, depth + 1)
                        .map_err(|error| error.under(key))?;
                }
            }
            Value::BigInt(digits) => {
                if Value::integer(digits).is_none() {
                    let message = format!("the big integer `{digits:.40}` is not made of digits");
                    return Err(ValueError::new(message));
                }
                encode::write_big_int(&mut self.out, digits);
            }
            Value::Bytes(bytes) => match self.frame(bytes) {
                Some(frame) => encode::write_buffer(&mut self.out, frame),
                None => encode::write_bytes(&mut self.out, bytes),
            },
            Value::Tensor(tensor) => {
                let frame = self.frame(&tensor.data);
                encode::write_tensor(&mut self.out, tensor, frame);
            }
            Value::Object(object) => self.value(&object.encode()?, depth)?,
        }
        Ok(())
    }

    /// Writes the value of an `event` message.
    pub(crate) fn events(&mut self, events: &[Event]) -> Result<(), ValueError> {
        encode::write_list(&mut self.out, events.len());
        for (index, event) in events.iter().enumerate() {
            self.event(event)
                .map_err(|error| error.under("value").item(index))?;
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), ValueError> {
        encode::write_list(&mut self.out, 6);
        encode::write_uint(&mut self.out, event.id);
        encode::write_int(&mut self.out, event.timestamp.as_micros());
        encode::write_str(&mut self.out, &event.node_id);
        encode::write_str(&mut self.out, &event.signal);
        self.epoch(&event.epoch);
        match &event.value {
            Emit::Nothing => encode::write_nothing(&mut self.out),
            Emit::Exhausted => encode::write_exhausted(&mut self.out),
            Emit::Value(value) => self.value(value, 0)?,
        }
        Ok(())
    }

    fn epoch(&mut self, epoch: &Epoch) {
        if epoch.is_root() {
            return encode::write_uint(&mut self.out, epoch.number().into());
        }
        encode::write_list(&mut self.out, 1 + epoch.depth());
        encode::write_uint(&mut self.out, epoch.number().into());
        for segment in epoch.path() {
            encode::write_list(&mut self.out, 2);
            encode::write_str(&mut self.out, &segment.node);
            encode::write_uint(&mut self.out, segment.index.into());
        }
    }
}

fn check_length(value: &Value) -> Result<(), ValueError> {
    let len = match value {
        Value::Str(text) => text.len(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Tensor(tensor) => tensor.data.len(),
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

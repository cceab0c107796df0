//! Writes one body, in either codec.

use serde::Serialize;

use super::{Codec, WireError, codec::MAX_VALUE_DEPTH, json, msgpack, sentinel};
use crate::graph::{Bytes, Emit, Epoch, Event, Name, Timestamp, Value, ValueError, to_value};

/// What a [`Message`](super::Message) writes its value into. Lengths are told in advance and must be kept: msgpack needs them.
#[derive(Debug)]
pub struct Writer {
    kind: &'static str,
    codec: Codec,
    out: Vec<u8>,
    /// Large buffers that travel as frames of their own, if they may.
    apart: Option<Vec<Bytes>>,
    /// JSON: whether a comma must come before the next key or item.
    comma: bool,
}

/// The longest thing that msgpack can say (with room for the shape of a tensor).
const MAX_LEN: usize = 0xffff_0000;
/// Bytes as many as these are not copied into a body: below, a frame costs more than the copy.
const LARGE: usize = 16 << 10;
/// As many frames has a message at most beside its body.
const MOST: usize = 1024;

/// Writes with the function of the codec; in JSON after a comma if one is due.
macro_rules! put {
    ($self:ident, $function:ident($($argument:expr),*)) => {
        match $self.codec {
            Codec::Json => {
                $self.separate();
                json::$function(&mut $self.out, $($argument),*);
                $self.comma = true;
            }
            Codec::MsgPack => msgpack::$function(&mut $self.out, $($argument),*),
        }
    };
}

impl Writer {
    pub(super) fn new(kind: &'static str, codec: Codec, capacity: usize) -> Self {
        Self {
            kind,
            codec,
            out: Vec::with_capacity(capacity),
            apart: None,
            comma: false,
        }
    }

    /// The same, with frames of their own for large buffers.
    pub(super) fn apart(mut self) -> Self {
        self.apart = Some(Vec::new());
        self
    }

    /// All of an envelope but its value, in the order of noob's keys.
    pub(super) fn open(&mut self, sender: &str, timestamp: Timestamp) {
        match self.codec {
            Codec::Json => {
                self.map(4);
                self.key("type");
                self.str(self.kind);
                self.key("node_id");
                self.str(sender);
                self.key("timestamp");
                json::write_plain(&mut self.out, timestamp.envelope());
                self.comma = true;
                self.key("value");
            }
            Codec::MsgPack => {
                self.list(4);
                self.str(self.kind);
                self.str(sender);
                self.int(timestamp.as_micros());
            }
        }
    }

    /// The body, and the buffers that travel beside it.
    pub(super) fn close(mut self) -> (Bytes, Vec<Bytes>) {
        self.end_map();
        (self.out.into(), self.apart.unwrap_or_default())
    }

    /// The number of the frame that these bytes travel as, if they have one of their own.
    fn frame(&mut self, bytes: &Bytes) -> Option<u32> {
        let apart = self.apart.as_mut()?;
        if bytes.len() < LARGE || apart.len() == MOST {
            return None;
        }
        let number = u32::try_from(apart.len()).ok()?;
        apart.push(bytes.clone());
        Some(number)
    }

    fn separate(&mut self) {
        if self.comma {
            self.out.push(b',');
        }
    }

    /// How it writes.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Null.
    pub fn null(&mut self) {
        put!(self, write_null());
    }

    /// A truth value.
    pub fn bool(&mut self, value: bool) {
        put!(self, write_bool(value));
    }

    /// An integer.
    pub fn int(&mut self, value: i64) {
        put!(self, write_int(value));
    }

    /// An integer.
    pub fn uint(&mut self, value: u64) {
        put!(self, write_uint(value));
    }

    /// A float; in JSON null stands for what is not finite.
    pub fn float(&mut self, value: f64) {
        put!(self, write_float(value));
    }

    /// A text.
    pub fn str(&mut self, text: &str) {
        put!(self, write_str(text));
    }

    /// Begins a list of `len` items.
    pub fn list(&mut self, len: usize) {
        put!(self, write_list(len));
        self.comma = false;
    }

    /// Ends a list.
    pub fn end_list(&mut self) {
        if self.codec == Codec::Json {
            self.out.push(b']');
            self.comma = true;
        }
    }

    /// Begins a map of `len` entries.
    pub fn map(&mut self, len: usize) {
        put!(self, write_map(len));
        self.comma = false;
    }

    /// The key of the entry that comes next.
    pub fn key(&mut self, key: &str) {
        put!(self, write_str(key));
        if self.codec == Codec::Json {
            self.out.push(b':');
        }
        self.comma = false;
    }

    /// Ends a map.
    pub fn end_map(&mut self) {
        if self.codec == Codec::Json {
            self.out.push(b'}');
            self.comma = true;
        }
    }

    /// A list of names.
    pub fn names(&mut self, names: &[Name]) {
        self.list(names.len());
        for name in names {
            self.str(name);
        }
        self.end_list();
    }

    /// An epoch.
    pub fn epoch(&mut self, epoch: &Epoch) {
        if epoch.is_root() {
            return self.uint(epoch.number().into());
        }
        self.list(1 + epoch.depth());
        self.uint(epoch.number().into());
        for segment in epoch.path() {
            self.list(2);
            self.str(&segment.node);
            self.uint(segment.index.into());
            self.end_list();
        }
        self.end_list();
    }

    /// Any value.
    ///
    /// # Errors
    /// The codec has no word for it: in JSON there is none for a tensor, a nested pickle, and bytes that are not UTF-8.
    pub fn value(&mut self, value: &Value) -> Result<(), WireError> {
        self.put(value, 0)
            .map_err(|error| self.unencodable_error(error))
    }

    /// Whatever serde can make a value of.
    ///
    /// # Errors
    /// It does not become a value, or the codec has no word for it.
    pub fn serialize<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
        let value = to_value(value).map_err(|error| self.unencodable_error(error))?;
        self.value(&value)
    }

    /// The error for something that the codec has no word for.
    #[must_use]
    pub fn unencodable_error(&self, error: ValueError) -> WireError {
        WireError::Unencodable {
            kind: self.kind,
            codec: self.codec,
            error,
        }
    }

    pub(super) fn put(&mut self, value: &Value, depth: usize) -> Result<(), ValueError> {
        if depth > MAX_VALUE_DEPTH {
            return Err(ValueError::new(format!(
                "lists and maps are nested deeper than {MAX_VALUE_DEPTH} levels; flatten them"
            )));
        }
        let len = match value {
            Value::Str(text) => text.len(),
            Value::List(items) => items.len(),
            Value::Map(map) => map.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Tensor(tensor) => tensor.data.len(),
            _ => 0,
        };
        if len > MAX_LEN {
            return Err(ValueError::new(format!(
                "a {} of {len} bytes or items; at most {MAX_LEN} fit into a message",
                value.type_name()
            )));
        }
        match value {
            Value::Null => self.null(),
            Value::Bool(value) => self.bool(*value),
            Value::Int(value) => self.int(*value),
            Value::UInt(value) => self.uint(*value),
            Value::Float(value) => self.float(*value),
            Value::Str(text) => self.str(text),
            Value::List(items) => {
                self.list(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.put(item, depth + 1)
                        .map_err(|error| error.item(index))?;
                }
                self.end_list();
            }
            Value::Map(map) => {
                self.map(map.len());
                for (key, value) in map.iter() {
                    self.key(key);
                    self.put(value, depth + 1)
                        .map_err(|error| error.under(key))?;
                }
                self.end_map();
            }
            Value::BigInt(digits) => {
                if Value::integer(digits).is_none() {
                    let message = format!("the big integer `{digits:.40}` is not made of digits");
                    return Err(ValueError::new(message));
                }
                match self.codec {
                    Codec::Json => {
                        self.separate();
                        self.out.extend_from_slice(digits.as_bytes());
                        self.comma = true;
                    }
                    Codec::MsgPack => msgpack::write_big_int(&mut self.out, digits),
                }
            }
            Value::Bytes(bytes) => match (self.codec, std::str::from_utf8(bytes)) {
                (Codec::MsgPack, _) => match self.frame(bytes) {
                    Some(frame) => msgpack::write_buffer(&mut self.out, frame),
                    None => msgpack::write_bytes(&mut self.out, bytes),
                },
                (Codec::Json, Ok(text)) => self.str(text),
                (Codec::Json, Err(_)) => {
                    return Err(ValueError::new(format!(
                        "noob's JSON has no word for {} bytes that are not UTF-8; send a list of integers, or base64",
                        bytes.len()
                    )));
                }
            },
            Value::Tensor(tensor) => match self.codec {
                Codec::Json => {
                    return Err(ValueError::new(format!(
                        "noob's JSON has no word for a tensor of `{}`, shape {:?}; send nested lists",
                        tensor.dtype, tensor.shape
                    )));
                }
                Codec::MsgPack => {
                    let frame = self.frame(&tensor.data);
                    msgpack::write_tensor(&mut self.out, tensor, frame);
                }
            },
            Value::Object(object) => {
                self.put(&object.encode()?, depth)?;
            }
            Value::Pickle(text) => match self.codec {
                Codec::Json => {
                    return Err(ValueError::new(
                        "noob unpickles only the whole value of an event, not a part of a value; send the pickle by itself",
                    ));
                }
                Codec::MsgPack => msgpack::write_pickle(&mut self.out, text),
            },
        }
        Ok(())
    }

    /// A string that is a pickle, where noob opens pickles.
    pub(super) fn pickle(&mut self, text: &str) -> Result<(), ValueError> {
        match self.codec {
            Codec::MsgPack => msgpack::write_pickle(&mut self.out, text),
            Codec::Json if text.starts_with(sentinel::PICKLE) => self.str(text),
            Codec::Json => {
                return Err(ValueError::new(
                    "a pickle is a string that begins with `pck__`; this one does not",
                ));
            }
        }
        Ok(())
    }

    fn emit(&mut self, value: &Emit) -> Result<(), ValueError> {
        match (value, self.codec) {
            (Emit::Nothing, Codec::Json) => self.str(sentinel::NOTHING),
            (Emit::Nothing, Codec::MsgPack) => msgpack::write_nothing(&mut self.out),
            (Emit::Exhausted, Codec::Json) => self.str(sentinel::EXHAUSTED),
            (Emit::Exhausted, Codec::MsgPack) => msgpack::write_exhausted(&mut self.out),
            (Emit::Value(Value::Pickle(text)), _) => self.pickle(text)?,
            (Emit::Value(Value::Bytes(bytes)), Codec::Json) => {
                refuse_misread(std::str::from_utf8(bytes).unwrap_or_default())?;
                self.put(&Value::Bytes(bytes.clone()), 0)?;
            }
            (Emit::Value(Value::Str(text)), Codec::Json) => {
                refuse_misread(text)?;
                self.str(text);
            }
            (Emit::Value(value), _) => self.put(value, 0)?,
        }
        Ok(())
    }

    /// The value of an `event` message.
    pub(super) fn events(&mut self, events: &[Event]) -> Result<(), WireError> {
        self.list(events.len());
        for (index, event) in events.iter().enumerate() {
            self.event(event).map_err(|error| {
                self.unencodable_error(error.under("value").item(index).under("value"))
            })?;
        }
        self.end_list();
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), ValueError> {
        match self.codec {
            Codec::MsgPack => {
                self.list(6);
                self.uint(event.id);
                self.int(event.timestamp.as_micros());
                self.str(&event.node_id);
                self.str(&event.signal);
                self.epoch(&event.epoch);
                self.emit(&event.value)
            }
            Codec::Json => {
                self.map(6);
                self.key("id");
                self.uint(event.id);
                self.key("timestamp");
                json::write_plain(&mut self.out, event.timestamp.iso());
                self.comma = true;
                self.key("node_id");
                self.str(&event.node_id);
                self.key("signal");
                self.str(&event.signal);
                self.key("epoch");
                self.epoch(&event.epoch);
                self.key("value");
                self.emit(&event.value)?;
                self.end_map();
                Ok(())
            }
        }
    }
}

fn refuse_misread(text: &str) -> Result<(), ValueError> {
    match sentinel::misread(text) {
        Some(why) => Err(ValueError::new(format!("{why} (it begins `{text:.40}`)"))),
        None => Ok(()),
    }
}

//! Writes the body of one message in the codec of its socket.

use serde::Serialize;

use super::{Codec, WireError, json, msgpack};
use crate::graph::{Bytes, Event, Timestamp, Value, ValueError, to_value};

/// Destination of a [`Message`](super::Message) that is encoded.
#[derive(Debug)]
pub struct Writer {
    kind: &'static str,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Json(Vec<u8>),
    MsgPack(msgpack::Writer),
}

impl Writer {
    /// Returns a body with its envelope written; with `framed`, large buffers are put into frames
    /// of their own if the codec can.
    pub(super) fn new(kind: &'static str, codec: Codec, framed: bool, capacity: usize) -> Self {
        let body = match codec {
            Codec::Json => Body::Json(Vec::with_capacity(capacity)),
            Codec::MsgPack => Body::MsgPack(msgpack::Writer::new(capacity, framed)),
        };
        Self { kind, body }
    }

    /// Writes everything of the envelope but the value of the message.
    pub(super) fn open(&mut self, sender: &str, timestamp: Timestamp) -> Result<(), WireError> {
        match &mut self.body {
            Body::Json(out) => json::write_head(out, self.kind, sender, timestamp),
            Body::MsgPack(out) => out.head(self.kind, sender, timestamp),
        }
        .map_err(|error| self.unencodable_error(error))
    }

    /// Returns the body, and the buffers with frames of their own.
    pub(super) fn close(self) -> (Bytes, Vec<Bytes>) {
        match self.body {
            Body::Json(mut out) => {
                json::write_tail(&mut out);
                (out.into(), Vec::new())
            }
            Body::MsgPack(out) => out.finish(),
        }
    }

    /// Returns the codec.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        match &self.body {
            Body::Json(_) => Codec::Json,
            Body::MsgPack(_) => Codec::MsgPack,
        }
    }

    /// Writes a value.
    ///
    /// # Errors
    /// The value is nested too deeply or too long for a message, or holds an object that cannot
    /// leave its process.
    pub fn value(&mut self, value: &Value) -> Result<(), WireError> {
        let max_depth = self.codec().max_value_depth();
        let written = match &mut self.body {
            Body::Json(out) => json::write_value(out, value, max_depth),
            Body::MsgPack(out) => out.value(value, 0),
        };
        written.map_err(|error| self.unencodable_error(error.under("value")))
    }

    /// Writes a type that serde serializes.
    ///
    /// # Errors
    /// As [`value`](Self::value), and a type that does not become a value.
    pub fn serialize<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WireError> {
        let value = to_value(value).map_err(|error| self.unencodable_error(error))?;
        self.value(&value)
    }

    /// Writes the value of an `event` message.
    pub(super) fn events(&mut self, events: &[Event]) -> Result<(), WireError> {
        match &mut self.body {
            Body::Json(_) => self.serialize(events),
            // Events have a form of their own in msgpack: no keys, and no value in between.
            Body::MsgPack(out) => out
                .events(events)
                .map_err(|error| self.unencodable_error(error.under("value"))),
        }
    }

    /// Writes the value of a `receipt` message.
    pub(super) fn receipt(
        &mut self,
        events: &[Event],
        withheld: &[(u32, u64)],
    ) -> Result<(), WireError> {
        match &mut self.body {
            Body::Json(_) => self.serialize(&(events, withheld)),
            Body::MsgPack(out) => out
                .receipt(events, withheld)
                .map_err(|error| self.unencodable_error(error.under("value"))),
        }
    }

    /// Returns the error for something that cannot be written.
    #[must_use]
    pub fn unencodable_error(&self, error: ValueError) -> WireError {
        WireError::Unencodable {
            kind: self.kind,
            codec: self.codec(),
            error,
        }
    }
}

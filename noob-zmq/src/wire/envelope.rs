//! Bodies of messages, encoded.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Codec, Encoded, RawMessage, WireError, Writer};
use crate::graph::{Bytes, Event, Timestamp};

/// Value of a message: any type that serde serializes and deserializes. `#[derive(Message)]` uses
/// it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a message",
    label = "serde does not know it",
    note = "a message is written and read: derive `serde::Serialize` and `serde::Deserialize` \
            for `{Self}`"
)]
pub trait Body: Sized {
    /// Writes the value of a message.
    ///
    /// # Errors
    /// The codec cannot express something in it.
    fn write(&self, writer: &mut Writer) -> Result<(), WireError>;

    /// Reads the value of a message.
    ///
    /// # Errors
    /// The value has another shape.
    fn read(raw: &RawMessage) -> Result<Self, WireError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Body for T {
    fn write(&self, writer: &mut Writer) -> Result<(), WireError> {
        writer.serialize(self)
    }

    fn read(raw: &RawMessage) -> Result<Self, WireError> {
        raw.deserialize()
    }
}

/// Bytes that are reserved for a body: enough for most messages.
const CAPACITY: usize = 256;

/// Message of one kind.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "not a message",
    note = "messages are the types of `noob_zmq::wire`, and your own types with \
            `#[derive(Message)]`"
)]
pub trait Message: Sized + Send {
    /// The kind in the envelope, which both ends know.
    const KIND: &'static str;

    /// Writes the value of the message: exactly one value.
    ///
    /// # Errors
    /// The codec cannot express something in it.
    fn encode(&self, writer: &mut Writer) -> Result<(), WireError>;

    /// Reads a message of this kind; [`RawMessage::decode`] checks the kind before.
    ///
    /// # Errors
    /// A value that this kind cannot have; the error has its place.
    fn decode(raw: &RawMessage) -> Result<Self, WireError>;
}

/// Sender and time of a message, which stand around its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The sender: the id of a node, or `command`.
    pub sender: &'a str,
    /// The time of sending.
    pub timestamp: Timestamp,
}

impl Envelope<'_> {
    /// Encodes a message as one body.
    ///
    /// ```
    /// use noob_zmq::{graph::Timestamp, wire::{Codec, Envelope, Ping}};
    ///
    /// let envelope = Envelope { sender: "command", timestamp: Timestamp::from_micros(0) };
    /// let body = envelope.encode(&Ping, Codec::Json)?;
    /// assert_eq!(
    ///     body,
    ///     r#"{"type":"ping","node_id":"command","timestamp":"1970-01-01T00:00:00Z","value":null}"#
    /// );
    /// # Ok::<(), noob_zmq::wire::WireError>(())
    /// ```
    ///
    /// # Errors
    /// The codec cannot express something in the message.
    pub fn encode<M: Message>(&self, message: &M, codec: Codec) -> Result<Bytes, WireError> {
        let writer = Writer::new(M::KIND, codec, false, CAPACITY);
        Ok(self.write(writer, |writer| message.encode(writer))?.0)
    }

    /// Encodes a message in frames: in msgpack, large bytes and tensors get frames of their own
    /// beside the body, and are not copied.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_frames<M: Message>(
        &self,
        message: &M,
        codec: Codec,
    ) -> Result<Encoded, WireError> {
        let writer = Writer::new(M::KIND, codec, true, CAPACITY);
        let (body, buffers) = self.write(writer, |writer| message.encode(writer))?;
        Ok(Encoded::new(body, buffers))
    }

    /// Encodes one `event` message with all these events, without making an
    /// [`Events`](super::Events) of them.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_events(&self, events: &[Event], codec: Codec) -> Result<Bytes, WireError> {
        let writer = Writer::new("event", codec, false, CAPACITY + 32 * events.len());
        Ok(self.write(writer, |writer| writer.events(events))?.0)
    }

    fn write(
        &self,
        mut writer: Writer,
        value: impl FnOnce(&mut Writer) -> Result<(), WireError>,
    ) -> Result<(Bytes, Vec<Bytes>), WireError> {
        writer.open(self.sender, self.timestamp)?;
        value(&mut writer)?;
        Ok(writer.close())
    }
}

//! Bodies of messages, written.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Codec, Encoded, RawMessage, WireError, Writer};
use crate::graph::{Bytes, Event, Timestamp};

/// What the value of a message can be: anything that serde writes and reads. `#[derive(Message)]` is in these words.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a message",
    label = "serde does not know it",
    note = "a message is written and read: derive `serde::Serialize` and `serde::Deserialize` for `{Self}`"
)]
pub trait Body: Sized {
    /// Writes it as the value of a message.
    ///
    /// # Errors
    /// The codec has no word for something in it.
    fn write(&self, writer: &mut Writer) -> Result<(), WireError>;

    /// Reads it out of a message.
    ///
    /// # Errors
    /// The value is something else.
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

/// Something that is sent: a kind, and what is said about it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "not a message",
    note = "messages are the types of `noob_zmq::wire`, and your own types with `#[derive(Message)]`"
)]
pub trait Message: Sized + Send {
    /// The word for it in the envelope. Of noob's kinds, and of others that both ends know.
    const KIND: &'static str;

    /// Writes the value of the envelope: exactly one value.
    ///
    /// # Errors
    /// The codec has no word for something in it.
    fn encode(&self, writer: &mut Writer) -> Result<(), WireError>;

    /// Reads the message again.
    ///
    /// # Errors
    /// Another kind of message, or a value that is not what this kind has; says what and where.
    fn decode(raw: &RawMessage) -> Result<Self, WireError>;
}

/// What stands around the value of every message: who sends it, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Who sends it: the id of a node, or `command`.
    pub sender: &'a str,
    /// When.
    pub timestamp: Timestamp,
}

impl Envelope<'_> {
    /// The body of a message.
    ///
    /// ```
    /// use noob_zmq::{graph::Timestamp, wire::{Codec, Envelope, Ping}};
    ///
    /// let envelope = Envelope { sender: "command", timestamp: Timestamp::from_micros(0) };
    /// let body = envelope.encode(&Ping, Codec::Json)?;
    /// assert_eq!(body, r#"{"type":"ping","node_id":"command","timestamp":"1970-01-01T00:00:00Z","value":null}"#);
    /// # Ok::<(), noob_zmq::wire::WireError>(())
    /// ```
    ///
    /// # Errors
    /// The codec has no word for something in the message.
    pub fn encode<M: Message>(&self, message: &M, codec: Codec) -> Result<Bytes, WireError> {
        let mut writer = Writer::new(M::KIND, codec, 128);
        self.write(&mut writer, |writer| message.encode(writer))?;
        Ok(writer.close().0)
    }

    /// The same in frames: in msgpack, large bytes and tensors travel beside the body, and are not copied.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn encode_apart<M: Message>(
        &self,
        message: &M,
        codec: Codec,
    ) -> Result<Encoded, WireError> {
        let mut writer = Writer::new(M::KIND, codec, 128).apart();
        self.write(&mut writer, |writer| message.encode(writer))?;
        let (body, buffers) = writer.close();
        Ok(Encoded::new(body, buffers))
    }

    /// The body of one `event` message with all these events, without making an [`Events`](super::Events) of them.
    ///
    /// # Errors
    /// The codec has no word for something in the events.
    pub fn encode_events(&self, events: &[Event], codec: Codec) -> Result<Bytes, WireError> {
        let mut writer = Writer::new("event", codec, 128 + 64 * events.len());
        self.write(&mut writer, |writer| writer.events(events))?;
        Ok(writer.close().0)
    }

    fn write(
        &self,
        writer: &mut Writer,
        value: impl FnOnce(&mut Writer) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        writer.open(self.sender, self.timestamp);
        value(writer)
    }
}

//! A message that was received: its envelope is decoded, its value not yet.

use std::borrow::Cow;

use super::interner::with_names_of_thread;
use super::{Codec, Message, WireError, error::DecodeProblem, json, kind::intern, msgpack};
use crate::graph::{Bytes, Name, Timestamp, Value, ValueError, from_value};

/// Meaning of the frames of a message, which depends on the kind of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Framing {
    /// Topic and body, as a SUB receives them.
    Topic,
    /// Identity of the sender and body, as a ROUTER receives them.
    Identity,
    /// The body alone, as a DEALER receives it.
    Body,
    /// Single frame that subscribes or unsubscribes, as an XPUB receives it.
    Subscription,
}

/// Received message with its envelope decoded; [`decode`](Self::decode) decodes the value.
#[derive(Debug, Clone)]
pub struct RawMessage {
    kind: Cow<'static, str>,
    sender: Name,
    timestamp: Option<Timestamp>,
    topic: Bytes,
    peer: Option<Bytes>,
    /// The only name in which the message may speak, if it is known.
    speaker: Option<Name>,
    body: Bytes,
    /// The frames before the body that are neither topic nor peer.
    buffers: Vec<Bytes>,
    content: Content,
}

/// Value of a message.
#[derive(Debug, Clone)]
enum Content {
    /// A value that was read together with the envelope.
    Json(Value),
    /// A value that begins at this byte of the body.
    MsgPack(usize),
}

impl RawMessage {
    /// Decodes the envelope of a message.
    ///
    /// The last frame is the body. A missing or wrong topic, an empty delimiter and extra frames
    /// are accepted. In msgpack a body may refer to frames before it as its bytes.
    ///
    /// # Errors
    /// No frame, a body of neither codec, an envelope without kind or sender, or a frame that is
    /// not a subscription.
    pub fn parse(frames: Vec<Bytes>, framing: Framing) -> Result<Self, WireError> {
        let count = frames.len();
        let mut frames = frames.into_iter();
        let first = if count > 1 { frames.next() } else { None };
        let body = frames.next_back().ok_or(WireError::Empty)?;
        if framing == Framing::Subscription {
            return Self::subscription(body);
        }
        let mut raw = Self::from_body(body)?;
        raw.buffers = frames.collect();
        match framing {
            Framing::Topic => raw.topic = first.unwrap_or_default(),
            Framing::Identity => raw.peer = first,
            Framing::Body | Framing::Subscription => raw.buffers.splice(..0, first).for_each(drop),
        }
        Ok(raw)
    }

    /// Decodes the envelope of a body.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_body(body: Bytes) -> Result<Self, WireError> {
        let codec = Codec::of(&body);
        let read = match codec {
            Codec::Json => Self::from_json(body),
            Codec::MsgPack => Self::from_msgpack(body),
        };
        read.map_err(|problem| problem.of_message(codec, WireError::Envelope))
    }

    fn subscription(frame: Bytes) -> Result<Self, WireError> {
        match frame.first() {
            None => Err(WireError::Empty),
            Some(0 | 1) => Ok(Self {
                topic: frame.slice(1..),
                ..Self::new(
                    Cow::Borrowed("subscription"),
                    "".into(),
                    None,
                    Content::Json(Value::Null),
                    frame,
                )
            }),
            Some(first) => Err(WireError::Subscription { first: *first }),
        }
    }

    fn from_json(body: Bytes) -> Result<Self, DecodeProblem> {
        let read = json::read(&body)?;
        let (kind, content) = (intern(&read.kind), Content::Json(read.value));
        Ok(Self::new(kind, read.node_id, read.timestamp, content, body))
    }

    fn from_msgpack(body: Bytes) -> Result<Self, DecodeProblem> {
        let mut reader = msgpack::Reader::new(&body, 0, 0);
        reader.exactly(4, "an envelope of kind, sender, time and value")?;
        let kind = intern(reader.str("the kind of the message")?);
        let sender = reader.str("the sender of the message")?;
        let sender = with_names_of_thread(|names| names.name(sender));
        let timestamp = Timestamp::from_micros(reader.i64("the time of the message")?);
        let content = Content::MsgPack(reader.at());
        Ok(Self::new(kind, sender, Some(timestamp), content, body))
    }

    fn new(
        kind: Cow<'static, str>,
        sender: Name,
        timestamp: Option<Timestamp>,
        content: Content,
        body: Bytes,
    ) -> Self {
        Self {
            kind,
            sender,
            timestamp,
            topic: Bytes::new(),
            peer: None,
            speaker: None,
            body,
            buffers: Vec::new(),
            content,
        }
    }

    /// Returns the kind of the message: one of [`MessageType`](super::MessageType), or a user's
    /// own.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the sender according to the envelope, which is not checked against
    /// [`peer`](Self::peer); empty for a subscription.
    #[must_use]
    pub const fn sender(&self) -> &Name {
        &self.sender
    }

    /// Returns the time of sending, if the envelope has it.
    #[must_use]
    pub const fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// Returns the topic of a published message or a subscription; empty if there is none.
    #[must_use]
    pub const fn topic(&self) -> &Bytes {
        &self.topic
    }

    /// Returns the identity of the sending socket, which only a ROUTER knows.
    #[must_use]
    pub const fn peer(&self) -> Option<&Bytes> {
        self.peer.as_ref()
    }

    /// Returns the message as one that is known to come from `name`: nothing in it is accepted in
    /// the name of another node.
    ///
    /// # Errors
    /// The envelope names another sender.
    pub(crate) fn require_sender(mut self, name: &Name) -> Result<Self, WireError> {
        self.speaker = Some(name.clone());
        self.check_speaker(&self.sender)?;
        Ok(self)
    }

    /// Returns an error if the message contains something in the name of `name`, and must not.
    pub(super) fn check_speaker(&self, name: &Name) -> Result<(), WireError> {
        match &self.speaker {
            Some(speaker) if speaker != name => Err(WireError::SenderMismatch {
                kind: self.kind.clone().into_owned(),
                sender: speaker.to_string(),
                name: name.to_string(),
            }),
            _ => Ok(()),
        }
    }

    /// Returns the codec of the message.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        match self.content {
            Content::Json(_) => Codec::Json,
            Content::MsgPack(_) => Codec::MsgPack,
        }
    }

    /// Returns the frame from which the message was decoded.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Decodes the message.
    ///
    /// # Errors
    /// Another kind of message, or a value that its kind cannot have; the error has its place.
    pub fn decode<M: Message>(&self) -> Result<M, WireError> {
        self.check_kind(M::KIND)?;
        M::decode(self)
    }

    /// Decodes the value of the message, null if there is none.
    ///
    /// # Errors
    /// The value cannot be read.
    pub fn value(&self) -> Result<Value, WireError> {
        match &self.content {
            Content::Json(value) => Ok(value.clone()),
            Content::MsgPack(_) => self.in_msgpack(msgpack::Reader::value),
        }
    }

    /// Decodes the value of the message as a type of serde.
    ///
    /// # Errors
    /// Another shape; the error has what was expected, what was found, and the place.
    pub fn deserialize<T: serde::de::DeserializeOwned>(&self) -> Result<T, WireError> {
        let read = match &self.content {
            Content::Json(value) => from_value(value),
            Content::MsgPack(_) => from_value(&self.value()?),
        };
        read.map_err(|error| self.value_error(error))
    }

    /// Returns an error unless the message is of this kind.
    pub(super) fn check_kind(&self, expected: &'static str) -> Result<(), WireError> {
        if self.kind == expected {
            return Ok(());
        }
        Err(WireError::Kind {
            expected,
            found: self.kind.clone().into_owned(),
        })
    }

    /// Reads the value of a msgpack body, to its end.
    pub(super) fn in_msgpack<'a, T>(
        &'a self,
        read: impl FnOnce(&mut msgpack::Reader<'a>) -> Result<T, DecodeProblem>,
    ) -> Result<T, WireError> {
        let start = match self.content {
            Content::MsgPack(start) => start,
            Content::Json(_) => self.body.len(),
        };
        let mut reader = msgpack::Reader::new(&self.body, start, 1).with_frames(&self.buffers);
        let read = read(&mut reader).and_then(|value| reader.end().map(|()| value));
        let value_error = |error| self.value_error(error);
        read.map_err(|problem| problem.of_message(Codec::MsgPack, value_error))
    }

    /// Returns the error for a value that its kind cannot have.
    pub(super) fn invalid(&self, message: &str) -> WireError {
        self.value_error(ValueError::new(message))
    }

    fn value_error(&self, error: ValueError) -> WireError {
        WireError::Value {
            kind: self.kind.clone().into_owned(),
            sender: self.sender.as_ref().to_owned(),
            error: error.under("value"),
        }
    }
}

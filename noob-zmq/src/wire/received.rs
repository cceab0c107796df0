//! What arrived: frames, of which the envelope was read and the value was not.

use std::{borrow::Cow, ops::Range};

use super::{
    Codec, Message, WireError,
    error::DecodeProblem,
    json,
    kind::intern,
    lenient::{self, missing},
    msgpack,
};
use crate::graph::{Bytes, Name, Timestamp, Value, ValueError, from_value};

/// What the frames of a message are, which depends on the kind of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Topic and body, as a SUB receives them.
    Topic,
    /// Identity of the sender and body, as a ROUTER receives them.
    Identity,
    /// The body alone, as a DEALER receives it.
    Body,
    /// One frame that subscribes or unsubscribes, as an XPUB receives it.
    Subscription,
}

/// A message that arrived: its envelope was read, its value is read by [`decode`](Self::decode).
#[derive(Debug, Clone)]
pub struct RawMessage {
    kind: Cow<'static, str>,
    sender: Name,
    timestamp: Option<Timestamp>,
    topic: Bytes,
    peer: Option<Bytes>,
    /// In whose name alone it may speak, if that is known.
    speaker: Option<Name>,
    codec: Codec,
    body: Bytes,
    /// The frames before the body that are neither topic nor peer.
    buffers: Vec<Bytes>,
    /// Where the value stands in the body, if there is one.
    value: Option<Range<usize>>,
}

impl RawMessage {
    /// Reads the envelope of a message.
    ///
    /// Like noob it looks only at the last frame for the body: a missing or wrong topic, an empty delimiter and extra frames are no
    /// matter. In msgpack a body may name frames before it as its bytes.
    ///
    /// # Errors
    /// No frame, a body of neither codec, an envelope that lacks `type` or `node_id`, or a frame that is no subscription.
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

    /// Reads the envelope of a body.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_body(body: Bytes) -> Result<Self, WireError> {
        match Codec::of(&body) {
            Codec::Json => Self::from_json(body),
            Codec::MsgPack => Self::from_msgpack(body),
        }
    }

    fn subscription(frame: Bytes) -> Result<Self, WireError> {
        match frame.first() {
            None => Err(WireError::Empty),
            Some(0 | 1) => Ok(Self {
                kind: Cow::Borrowed("subscription"),
                sender: "".into(),
                timestamp: None,
                topic: frame.slice(1..),
                peer: None,
                speaker: None,
                codec: Codec::Json,
                body: frame,
                buffers: Vec::new(),
                value: None,
            }),
            Some(first) => Err(WireError::Subscription { first: *first }),
        }
    }

    fn from_json(body: Bytes) -> Result<Self, WireError> {
        let text = match std::str::from_utf8(&body) {
            Ok(text) => text,
            Err(error) => {
                let (what, at) = (
                    "expected UTF-8, found other bytes".to_owned(),
                    error.valid_up_to(),
                );
                return Err(WireError::Syntax {
                    codec: Codec::Json,
                    what,
                    at,
                });
            }
        };
        let (mut kind, mut sender, mut timestamp, mut value) = (None, None, None, None);
        let mut reader = json::Reader::new(text, 0);
        let read = reader.object(|reader, key| {
            match &*key {
                "type" => kind = Some(reader.value()?),
                "node_id" => sender = Some(reader.value()?),
                "timestamp" => timestamp = Some(reader.value()?),
                "value" => {
                    let start = reader.at();
                    reader.skip()?;
                    value = Some(start..reader.at());
                }
                _ => reader.skip()?,
            }
            Ok(())
        });
        read.and_then(|()| reader.end())
            .map_err(|problem| envelope_problem(problem, Codec::Json))?;
        let kind = kind.ok_or_else(|| missing("type"));
        let kind = kind.and_then(|kind| {
            lenient::text(&kind)
                .map(intern)
                .map_err(|error| error.under("type"))
        });
        let sender = sender.ok_or_else(|| missing("node_id"));
        let sender = sender
            .and_then(|sender| lenient::name(&sender).map_err(|error| error.under("node_id")));
        let timestamp = timestamp.map(|timestamp| lenient::envelope_timestamp(&timestamp));
        let timestamp = timestamp
            .transpose()
            .map_err(|error| error.under("timestamp"));
        Ok(Self {
            kind: kind.map_err(WireError::Envelope)?,
            sender: sender.map_err(WireError::Envelope)?,
            timestamp: timestamp.map_err(WireError::Envelope)?,
            topic: Bytes::new(),
            peer: None,
            speaker: None,
            codec: Codec::Json,
            value,
            body,
            buffers: Vec::new(),
        })
    }

    fn from_msgpack(body: Bytes) -> Result<Self, WireError> {
        let mut reader = msgpack::Reader::new(&body, 0, 0);
        let mut read = || {
            reader.exactly(4, "an envelope of kind, sender, time and value")?;
            let kind = intern(reader.str("the kind of the message")?);
            let sender = reader.str("the sender of the message")?.into();
            Ok((
                kind,
                sender,
                reader.i64("the time of the message")?,
                reader.at(),
            ))
        };
        let (kind, sender, micros, start) =
            read().map_err(|problem| envelope_problem(problem, Codec::MsgPack))?;
        Ok(Self {
            kind,
            sender,
            timestamp: Some(Timestamp::from_micros(micros)),
            topic: Bytes::new(),
            peer: None,
            speaker: None,
            codec: Codec::MsgPack,
            value: Some(start..body.len()),
            body,
            buffers: Vec::new(),
        })
    }

    /// The word for what kind of message it is; one of [`MessageType`](super::MessageType), or of one's own.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Who sent it, as the envelope says (it is not checked against [`peer`](Self::peer)); empty for a subscription.
    #[must_use]
    pub const fn sender(&self) -> &Name {
        &self.sender
    }

    /// When it was sent, if the envelope says so.
    #[must_use]
    pub const fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// The topic that it was published under, or that is subscribed to; empty if there is none.
    #[must_use]
    pub const fn topic(&self) -> &Bytes {
        &self.topic
    }

    /// The identity of the socket that sent it; known at a ROUTER only.
    #[must_use]
    pub const fn peer(&self) -> Option<&Bytes> {
        self.peer.as_ref()
    }

    /// The same, known to come from `name`: what is said in it in the name of anybody else makes it unreadable.
    ///
    /// # Errors
    /// The envelope names somebody else.
    pub(crate) fn require_sender(mut self, name: &Name) -> Result<Self, WireError> {
        if self.sender != *name {
            return Err(WireError::SenderMismatch {
                kind: self.kind.into_owned(),
                sender: name.to_string(),
                name: self.sender.to_string(),
            });
        }
        self.speaker = Some(name.clone());
        Ok(self)
    }

    /// An error if it says something in the name of `name`, and may not.
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

    /// How it is written.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// The frame that it was read from.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Reads the message.
    ///
    /// # Errors
    /// It is of another kind, or its value is not what its kind has; says what and where.
    pub fn decode<M: Message>(&self) -> Result<M, WireError> {
        self.is(M::KIND)?;
        M::decode(self)
    }

    /// The value of the message, null if there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn value(&self) -> Result<Value, WireError> {
        self.read(Ok)
    }

    /// Whatever serde can make of the value of the message.
    ///
    /// # Errors
    /// It has another shape; says what was expected, what was found, and where.
    pub fn deserialize<T: serde::de::DeserializeOwned>(&self) -> Result<T, WireError> {
        self.read(|value| from_value(&value))
    }

    /// An error unless the message is of this kind.
    pub(super) fn is(&self, expected: &'static str) -> Result<(), WireError> {
        if self.kind == expected {
            return Ok(());
        }
        Err(WireError::Kind {
            expected,
            found: self.kind.clone().into_owned(),
        })
    }

    /// Reads the value of the message, null if there is none.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(Value) -> Result<T, ValueError>,
    ) -> Result<T, WireError> {
        let value = match (&self.value, self.codec) {
            (None, _) => Ok(Value::Null),
            (Some(_), Codec::Json) => self.in_json(json::Reader::value),
            (Some(_), Codec::MsgPack) => self.in_msgpack(msgpack::Reader::value),
        }?;
        read(value).map_err(|error| self.refused(error.under("value")))
    }

    /// Reads the value of the message, which must be there.
    pub(super) fn required<T>(
        &self,
        read: impl FnOnce(&Value) -> Result<T, ValueError>,
    ) -> Result<T, WireError> {
        if self.value.is_none() {
            return Err(self.refused(missing("value")));
        }
        self.read(|value| read(&value))
    }

    pub(super) fn in_json<'a, T>(
        &'a self,
        read: impl FnOnce(&mut json::Reader<'a>) -> Result<T, DecodeProblem>,
    ) -> Result<T, WireError> {
        let range = self.value.clone().unwrap_or_default();
        let start = range.start;
        // The text was checked when the envelope was read.
        let text = self
            .body
            .get(range)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default();
        read(&mut json::Reader::new(text, 1))
            .map_err(|problem| self.problem(problem.shifted(start)))
    }

    pub(super) fn in_msgpack<'a, T>(
        &'a self,
        read: impl FnOnce(&mut msgpack::Reader<'a>) -> Result<T, DecodeProblem>,
    ) -> Result<T, WireError> {
        let start = self.value.clone().unwrap_or_default().start;
        let mut reader = msgpack::Reader::new(&self.body, start, 1).with(&self.buffers);
        let read = read(&mut reader).and_then(|value| reader.end().map(|()| value));
        read.map_err(|problem| self.problem(problem))
    }

    fn problem(&self, problem: DecodeProblem) -> WireError {
        match problem {
            DecodeProblem::Syntax { what, at } => WireError::Syntax {
                codec: self.codec,
                what,
                at,
            },
            DecodeProblem::Value(error) => self.refused(error.under("value")),
        }
    }

    fn refused(&self, error: ValueError) -> WireError {
        WireError::Value {
            kind: self.kind.clone().into_owned(),
            sender: self.sender.as_ref().to_owned(),
            error,
        }
    }
}

fn envelope_problem(problem: DecodeProblem, codec: Codec) -> WireError {
    match problem {
        DecodeProblem::Syntax { what, at } => WireError::Syntax { codec, what, at },
        DecodeProblem::Value(error) => WireError::Envelope(error),
    }
}

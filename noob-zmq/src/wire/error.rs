//! Errors of messages that cannot be read or written.

use super::Codec;
use crate::graph::ValueError;

/// A message that cannot be read or written.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// A message without frames.
    #[error("the message has no frame; send at least a body")]
    Empty,
    /// Bytes of a body that its codec does not know.
    #[error("the body cannot be read as {codec}: {what}, at byte {at}")]
    Syntax {
        /// The codec of the body.
        codec: Codec,
        /// The parts that were expected and found.
        what: String,
        /// The offset in the body, from 0.
        at: usize,
    },
    /// An envelope that lacks a part, or has a part of another type.
    #[error("the envelope of the message: {0}")]
    Envelope(ValueError),
    /// A value that the kind of the message cannot have.
    #[error("the `{kind}` message from `{sender}`: {error}")]
    Value {
        /// The kind of the message.
        kind: String,
        /// The sender of the message.
        sender: String,
        /// The error, with its place in the message.
        error: ValueError,
    },
    /// A message, or a part of one, in the name of another sender.
    #[error("the `{kind}` message from `{sender}` speaks in the name of `{name}`")]
    SenderMismatch {
        /// The kind of the message.
        kind: String,
        /// The sender of the message.
        sender: String,
        /// The name in which it speaks.
        name: String,
    },
    /// A message of a kind that its sender must not send.
    #[error("a `{kind}` message is not for `{sender}` to send")]
    NotAllowedFromSocket {
        /// The kind of the message.
        kind: String,
        /// The sender according to the message.
        sender: String,
    },
    /// A message that was decoded as one of another kind.
    #[error("a `{found}` message cannot be read as `{expected}`")]
    Kind {
        /// The kind that was expected.
        expected: &'static str,
        /// The kind of the message.
        found: String,
    },
    /// A value that the codec cannot express.
    #[error("a `{kind}` message cannot be written as {codec}: {error}")]
    Unencodable {
        /// The kind of the message.
        kind: &'static str,
        /// The codec.
        codec: Codec,
        /// The error, with its place in the message.
        error: ValueError,
    },
    /// A frame at an XPUB that is not a subscription.
    #[error(
        "a subscription begins with byte 1 (or 0 when it ends), this frame begins with {first}"
    )]
    Subscription {
        /// The first byte of the frame.
        first: u8,
    },
}

/// Error of the reader of one codec; becomes a [`WireError`] where the message is known.
#[derive(Debug)]
pub(super) enum DecodeProblem {
    Syntax { what: String, at: usize },
    Value(ValueError),
}

impl DecodeProblem {
    /// Describes bytes that have no meaning at a place of the body.
    pub(super) const fn syntax(what: String, at: usize) -> Self {
        Self::Syntax { what, at }
    }

    /// Returns the error of a message; `of_value` makes that of a value.
    pub(super) fn of_message(
        self,
        codec: Codec,
        of_value: impl FnOnce(ValueError) -> WireError,
    ) -> WireError {
        match self {
            Self::Syntax { what, at } => WireError::Syntax { codec, what, at },
            Self::Value(error) => of_value(error),
        }
    }
}

impl From<ValueError> for DecodeProblem {
    fn from(error: ValueError) -> Self {
        Self::Value(error)
    }
}

crate::error_report::debug_as_report!(WireError);

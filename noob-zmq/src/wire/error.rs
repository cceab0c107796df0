//! What is wrong with a message.

use super::Codec;
use crate::graph::ValueError;

/// A message could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Nothing arrived.
    #[error("the message has no frame; send at least a body")]
    Empty,
    /// The bytes of a body are not those of its codec.
    #[error("the body cannot be read as {codec}: {what}, at byte {at}")]
    Syntax {
        /// What it was taken for.
        codec: Codec,
        /// What was expected, and what was found.
        what: String,
        /// From 0.
        at: usize,
    },
    /// The envelope lacks something, or something in it is not what it must be.
    #[error("the envelope of the message: {0}")]
    Envelope(ValueError),
    /// The value of a message is not what its kind says.
    #[error("the `{kind}` message from `{sender}`: {error}")]
    Value {
        /// The kind of the message.
        kind: String,
        /// Who sent it.
        sender: String,
        /// What, and where in the message.
        error: ValueError,
    },
    /// A message, or something in it, is said in the name of somebody else.
    #[error("the `{kind}` message from `{sender}` speaks in the name of `{name}`")]
    SenderMismatch {
        /// The kind of the message.
        kind: String,
        /// Who sent it.
        sender: String,
        /// In whose name.
        name: String,
    },
    /// A message of a kind that its sender has no business to send.
    #[error("a `{kind}` message is not for `{sender}` to send")]
    NotAllowedFromSocket {
        /// The kind of the message.
        kind: String,
        /// Who sent it, as the message says.
        sender: String,
    },
    /// A message was read as one of another kind.
    #[error("a `{found}` message cannot be read as `{expected}`")]
    Kind {
        /// The kind that was asked for.
        expected: &'static str,
        /// The kind that it has.
        found: String,
    },
    /// The codec has no word for something in the message.
    #[error("a `{kind}` message cannot be written as {codec}: {error}")]
    Unencodable {
        /// The kind of the message.
        kind: &'static str,
        /// The codec.
        codec: Codec,
        /// What, and where in the message.
        error: ValueError,
    },
    /// What an XPUB heard is no subscription.
    #[error(
        "a subscription begins with byte 1 (or 0 when it ends), this frame begins with {first}"
    )]
    Subscription {
        /// The first byte of the frame.
        first: u8,
    },
}

/// What a reader of one codec met; becomes a [`WireError`] where the message is known.
#[derive(Debug)]
pub(super) enum DecodeProblem {
    Syntax { what: String, at: usize },
    Value(ValueError),
}

impl From<ValueError> for DecodeProblem {
    fn from(error: ValueError) -> Self {
        Self::Value(error)
    }
}

impl DecodeProblem {
    /// The same, seen from the list that has it at `index`.
    pub(super) fn item(self, index: usize) -> Self {
        match self {
            Self::Value(error) => Self::Value(error.item(index)),
            syntax @ Self::Syntax { .. } => syntax,
        }
    }

    /// The same, of a part of the body that begins at `start`.
    pub(super) fn shifted(self, start: usize) -> Self {
        match self {
            Self::Syntax { what, at } => Self::Syntax {
                what,
                at: at + start,
            },
            value @ Self::Value(_) => value,
        }
    }
}

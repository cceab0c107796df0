//! Which of the two ways a body is written.

use std::fmt;

/// How a body is written. Every process reads both: they are told apart by the first byte of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Codec {
    /// Exactly noob's JSON, for Python peers. It has no word for tensors, for bytes that are not UTF-8, and for some strings.
    Json,
    /// The default between Rust processes: says every value, bit by bit.
    #[default]
    MsgPack,
}

impl Codec {
    /// The codec of a body: msgpack bodies begin as an array of up to 15 items, which no JSON does.
    pub(super) fn of(body: &[u8]) -> Self {
        match body.first() {
            Some(0x90..=0x9f) => Self::MsgPack,
            _ => Self::Json,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::MsgPack => "msgpack",
        })
    }
}

/// How deep lists and maps of a body may be nested, the envelope counted: what noob reads.
pub(super) const MAX_DEPTH: usize = 201;
/// How deep a value may be nested that is put into a message: leaves room for the message around it.
pub(super) const MAX_VALUE_DEPTH: usize = 190;

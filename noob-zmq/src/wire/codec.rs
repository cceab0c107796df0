//! The two codecs of a message body, and the limits of both.

use crate::declare::words;
use crate::graph::ValueError;

words! {
    /// Encoding of a message body.
    ///
    /// A socket sends msgpack unless its spec says `#[codec(json)]`. Every process reads both
    /// codecs and tells them apart by the first byte of a body.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    #[non_exhaustive]
    pub enum Codec {
        /// JSON, for peers that are written in other languages.
        ///
        /// The body is one object: `type`, `node_id`, `timestamp` (RFC 3339) and `value`. A value
        /// for which JSON has no form is a map of one key: `{"$float": "NaN"}`,
        /// `{"$int": "1267…"}` beyond 64 bits, `{"$bytes": "00ff"}`,
        /// `{"$tensor": {"dtype", "shape", "data"}}`.
        Json = "JSON",
        /// msgpack, the default: compact, and exact for every value.
        #[default]
        MsgPack = "msgpack",
    }
}

impl Codec {
    /// Returns the codec of a body: a msgpack body begins as an array of up to 15 items, which no
    /// JSON text does.
    pub(super) fn of(body: &[u8]) -> Self {
        match body.first() {
            Some(0x90..=0x9f) => Self::MsgPack,
            _ => Self::Json,
        }
    }

    /// Returns the maximum nesting of a value that is written: a message around the value must fit
    /// into what a reader accepts ([`MAX_DEPTH`], and 128 levels in `serde_json`).
    pub(super) const fn max_value_depth(self) -> usize {
        match self {
            Self::Json => 120,
            Self::MsgPack => 190,
        }
    }
}

/// Maximum nesting of lists and maps in a msgpack body that is read, the envelope included.
pub(super) const MAX_DEPTH: usize = 201;

/// Returns the error for a value that is nested deeper than `max_depth` levels.
pub(super) fn too_deep(max_depth: usize) -> ValueError {
    ValueError::new(format!(
        "lists and maps are nested deeper than {max_depth} levels; flatten them"
    ))
}

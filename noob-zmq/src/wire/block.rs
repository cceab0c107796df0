//! Blocks: msgpack without an envelope, for instructions and handshakes outside of sockets.

use serde::{Serialize, de::DeserializeOwned};

use super::{Codec, WireError, error::DecodeProblem, msgpack};
use crate::graph::{Bytes, ValueError, from_value, to_value};

/// Encodes a block.
///
/// # Errors
/// `block` does not become a value, or is nested too deeply.
pub(crate) fn encode_block<T: Serialize + ?Sized>(block: &T) -> Result<Bytes, ValueError> {
    let mut writer = msgpack::Writer::new(256, false);
    writer.value(&to_value(block)?, 0)?;
    Ok(writer.finish().0)
}

/// Decodes a block; the error calls it a message of this kind from this sender.
///
/// # Errors
/// Bytes that are no msgpack, or a value that `T` cannot have; the error has its place.
pub(crate) fn decode_block<T: DeserializeOwned>(
    body: Vec<u8>,
    kind: &str,
    sender: &str,
) -> Result<T, WireError> {
    let body = Bytes::from(body);
    let mut reader = msgpack::Reader::new(&body, 0, 0);
    let value = reader
        .value()
        .and_then(|value| reader.end().map(|()| value));
    let block = value.and_then(|value| from_value(&value).map_err(DecodeProblem::Value));
    block.map_err(|problem| {
        problem.of_message(Codec::MsgPack, |error| WireError::Value {
            kind: kind.to_owned(),
            sender: sender.to_owned(),
            error,
        })
    })
}

//! Messages of the join handshake between a runner and a host: blocks of msgpack, each after its
//! length (4 bytes, big endian).
//!
//! The host sends [`JoinHello`], the runner [`JoinOffer`], the host [`JoinReply`]; at the end of
//! the run the host sends [`JoinResult`].

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::NodeFingerprint;
use crate::runner::zmq::supervisor::launch::Launch;
use crate::wire::{decode_block, encode_block};

/// Size of the largest block that a host may send, in bytes.
pub(super) const MAX_FROM_HOST: u32 = 1 << 20;
/// Size of the largest block that a runner may send, in bytes; it contains the tube.
pub(super) const MAX_FROM_RUNNER: u32 = 256 << 20;

/// First message of a host.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JoinHello {
    /// Version of this crate.
    pub(crate) version: String,
    /// Addresses (`HOST:PORT`) where the sockets of the node can be reached.
    pub(crate) hosts: Vec<String>,
}

/// Answer of the runner.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum JoinOffer {
    /// The host is to host this node.
    Node(Box<NodeAssignment>),
    /// The host is rejected, with the reason.
    Refused(String),
}

/// Node that a host is to host.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NodeAssignment {
    /// Instructions that a child process gets on its standard input.
    pub(crate) launch: Launch,
    /// Type of the node in the program of the runner.
    pub(crate) fingerprint: NodeFingerprint,
    /// Public address of the listener of the runner.
    pub(crate) listener: String,
}

/// Reply of the host to an offer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum JoinReply {
    /// The host has the node from now on, for as long as the connection lives.
    Joins,
    /// The host cannot host the node, with the reason.
    Refuses(String),
}

/// Last message of a host.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JoinResult {
    /// Error that the command node was not told.
    pub(crate) why: Option<String>,
    /// Whether the node was shut down without an error.
    pub(crate) without_error: bool,
}

/// Writes a block, and flushes.
pub(crate) async fn write(
    to: &mut (impl AsyncWrite + Unpin),
    block: &impl Serialize,
) -> io::Result<()> {
    let body = encode_block(block).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_be_bytes()).await?;
    to.write_all(&body).await?;
    to.flush().await
}

/// Reads a block of at most `limit` bytes.
pub(crate) async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
    limit: u32,
) -> io::Result<T> {
    let length = from.read_u32().await?;
    if length > limit {
        return Err(io::Error::other(format!(
            "a block of {length} bytes is announced, at most {limit} are read"
        )));
    }
    // Memory is taken for the bytes that come, and not for the length that was announced.
    let mut body = Vec::new();
    let read = from.take(length.into()).read_to_end(&mut body).await?;
    if read < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    decode_block(body, "join", "other host").map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn block_is_read_as_written_and_false_length_is_an_error() {
        let mut bytes = Vec::new();
        let hello = JoinHello {
            version: "1".into(),
            hosts: vec!["[::1]:1".into()],
        };
        write(&mut bytes, &hello).await.unwrap();
        let back: JoinHello = read(&mut bytes.as_slice(), MAX_FROM_HOST).await.unwrap();
        assert_eq!((back.version, back.hosts), (hello.version, hello.hosts));
        for wrong in [&[0xff; 8][..], &[0, 0, 0, 9, 1], &[0, 0, 0, 1, 0xc1], &[]] {
            let mut wrong = wrong;
            assert!(read::<JoinHello>(&mut wrong, MAX_FROM_HOST).await.is_err());
        }
    }
}

//! What is said between a runner and a host that joins it: blocks of msgpack, each with its length in front.

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::NodeFingerprint;
use crate::runner::zmq::supervisor::launch::Launch;

/// The largest block that a host may send, and the largest that a runner may.
pub(crate) const LIMITS: (u32, u32) = (1 << 20, 256 << 20);

/// A host says who it is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JoinHello {
    /// Version of this crate.
    pub(crate) version: String,
    /// Where the sockets of the node can be reached: `HOST:PORT` each.
    pub(crate) hosts: Vec<String>,
}

/// The runner answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum JoinOffer {
    /// Be that node.
    Node(Box<NodeAssignment>),
    /// No, and why.
    Refused(String),
}

/// What a host is to host.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NodeAssignment {
    /// What a node is told at its start.
    pub(crate) launch: Launch,
    /// What the type of the node looks like to the runner.
    pub(crate) signature: NodeFingerprint,
    /// How the gate of the runner is published.
    pub(crate) gate: String,
}

/// The host says whether it can.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum JoinReply {
    /// It is that node from now on, for as long as the connection lives.
    Joins,
    /// It cannot, and why.
    Refuses(String),
}

/// What a host says last.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JoinResult {
    /// What went wrong, if something did and the command node was not told.
    pub(crate) why: Option<String>,
    /// Whether the node could be shut down.
    pub(crate) well: bool,
}

/// Writes a block.
pub(crate) async fn write(
    to: &mut (impl AsyncWrite + Unpin),
    block: &impl Serialize,
) -> io::Result<()> {
    let body = rmp_serde::to_vec_named(block).map_err(io::Error::other)?;
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
    // As much as really comes, whatever was announced.
    let mut body = Vec::new();
    let read = from.take(length.into()).read_to_end(&mut body).await?;
    if read < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    rmp_serde::from_slice(&body).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_block_is_read_as_it_was_written_and_a_false_length_is_an_error() {
        let mut bytes = Vec::new();
        let hello = JoinHello {
            version: "1".into(),
            hosts: vec!["[::1]:1".into()],
        };
        write(&mut bytes, &hello).await.unwrap();
        let back: JoinHello = read(&mut bytes.as_slice(), LIMITS.0).await.unwrap();
        assert_eq!((back.version, back.hosts), (hello.version, hello.hosts));
        for wrong in [&[0xff; 8][..], &[0, 0, 0, 9, 1], &[0, 0, 0, 1, 0xc1], &[]] {
            let mut wrong = wrong;
            assert!(read::<JoinHello>(&mut wrong, LIMITS.0).await.is_err());
        }
    }
}

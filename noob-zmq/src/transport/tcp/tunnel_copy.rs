//! Copies bytes between a connection to another host and a unix socket of this one.
//!
//! Frames of the other host are inspected on the way and passed on as they came.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;

use super::Stream;
use super::zmtp::{StreamInspector, ZmtpError};

/// Size of the buffer of each direction.
const BUFFER: usize = 64 << 10;
/// Time for the other side to receive the last bytes after this side was closed.
pub(super) const DRAIN: Duration = Duration::from_secs(1);

/// Reason why a link ended before either side was closed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TunnelError {
    /// The other host sent bytes that are rejected.
    #[error(transparent)]
    Zmtp(#[from] ZmtpError),
    /// The connection broke.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl TunnelError {
    /// Logs the end of a link to the socket of a peer.
    pub(super) fn log(&self, peer: &str, socket: &str) {
        match self {
            Self::Io(error) => tracing::warn!(%peer, %socket, %error, "the link broke"),
            Self::Zmtp(error) => tracing::warn!(%peer, %socket, "the link was cut: {error}"),
        }
    }
}

/// Copies bytes in both directions until one side is closed.
///
/// Bytes of the other host go through `inspector`, if there is one.
pub(super) async fn copy(
    remote: Stream,
    local: UnixStream,
    inspector: Option<StreamInspector>,
) -> Result<(), TunnelError> {
    let (mut from_remote, mut to_remote) = tokio::io::split(remote);
    let (mut from_local, mut to_local) = local.into_split();
    let inward = copy_inward(&mut from_remote, &mut to_local, inspector);
    tokio::pin!(inward);
    {
        let outward = copy_outward(&mut from_local, &mut to_remote);
        tokio::pin!(outward);
        // Both directions are pinned and polled by one task: a write that is dropped half way
        // would cut a frame in two. Only the end of the whole link cancels one.
        tokio::select! {
            ended = &mut inward => return ended,
            ended = &mut outward => ended?,
        }
    }
    // A connection that is closed with bytes unread is reset, and the last sent bytes are lost:
    // read on until the other side is done.
    let _ = to_remote.shutdown().await;
    let _ = tokio::time::timeout(DRAIN, inward).await;
    Ok(())
}

async fn copy_outward(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> Result<(), TunnelError> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return Ok(()),
            Ok(read) => read,
        };
        to.write_all(&buffer[..read]).await?;
        to.flush().await?;
    }
}

async fn copy_inward(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut inspector: Option<StreamInspector>,
) -> Result<(), TunnelError> {
    let mut buffer = vec![0; BUFFER];
    let mut is_local_open = true;
    loop {
        let revoked = inspector
            .as_ref()
            .map(|inspector| inspector.content.revoked());
        let revoked = async {
            match revoked {
                Some(revoked) => revoked.await,
                None => std::future::pending().await,
            }
        };
        // Both are safe to cancel: `read` takes no bytes before it is done.
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            () = revoked => return Ok(()),
        };
        let read = match read {
            Ok(0) => return Ok(()),
            // The peer ended without closing TLS, as a killed process does.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        };
        if let Some(inspector) = &mut inspector {
            inspector.inspect(&buffer[..read])?;
            inspector.content.authorize().await?;
        }
        // Once the local side has left, the rest is read and dropped.
        is_local_open = is_local_open && to.write_all(&buffer[..read]).await.is_ok();
    }
}

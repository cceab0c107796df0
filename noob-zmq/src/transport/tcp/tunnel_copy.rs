//! Passes bytes on between a connection to another host and a unix socket of this one.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;

use super::zmtp::ZmtpError;
use super::zmtp::{FrameError, FrameInspector};

/// How much is held in each direction.
const BUFFER: usize = 64 << 10;
/// How long the other side may take to have what was said last, after this side was closed.
pub(super) const DRAIN: Duration = Duration::from_secs(1);

/// Why a link ended before either side was closed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TunnelError {
    /// The other host sent what is not passed on.
    #[error(transparent)]
    FrameInspector(#[from] FrameError),
    /// The other host speaks differently.
    #[error(transparent)]
    Zmtp(#[from] ZmtpError),
    /// The connection broke.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl TunnelError {
    /// Logs it, of a link to this peer's socket.
    pub(super) fn tell(&self, peer: &str, socket: &str) {
        match self {
            Self::Io(error) => tracing::warn!(%peer, %socket, %error, "the link broke"),
            error => tracing::warn!(%peer, %socket, "the link was cut: {error}"),
        }
    }
}

/// Passes bytes on until one side is closed. What comes from the other host goes past `guard`.
pub(super) async fn splice(
    remote: impl AsyncRead + AsyncWrite,
    local: UnixStream,
    guard: FrameInspector,
) -> Result<(), TunnelError> {
    let (mut from_remote, mut to_remote) = tokio::io::split(remote);
    let (mut from_local, mut to_local) = local.into_split();
    let inward = inward(&mut from_remote, &mut to_local, guard);
    tokio::pin!(inward);
    {
        let outward = outward(&mut from_local, &mut to_remote);
        tokio::pin!(outward);
        tokio::select! {
            ended = &mut inward => return ended,
            ended = &mut outward => ended?,
        }
    }
    // A connection that is closed with bytes unread is reset, and what was said last is lost: read on until the other side is done.
    let _ = to_remote.shutdown().await;
    let _ = tokio::time::timeout(DRAIN, inward).await;
    Ok(())
}

async fn outward(
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

async fn inward(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut guard: FrameInspector,
) -> Result<(), TunnelError> {
    let mut buffer = vec![0; BUFFER];
    let mut heard = true;
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            () = guard.silenced() => return Ok(()),
        };
        let read = match read {
            Ok(0) => return Ok(()),
            // A peer that ends without a word of farewell, as one that was killed does.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        };
        guard.look(&buffer[..read])?;
        guard.prove().await?;
        // Once nobody here listens any more, the rest is read and dropped.
        heard = heard && to.write_all(&buffer[..read]).await.is_ok();
    }
}

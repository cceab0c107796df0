//! Tcp connection to another host, with or without TLS.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use rustix::net::sockopt;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// Number of bytes that one read of plain tcp takes at most.
const READ: usize = 64 << 10;
/// Time without traffic after which a peer is probed.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(2);
/// Time between two probes of a silent peer.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(1);
/// Number of unanswered probes after which the connection is dead.
const KEEPALIVE_PROBES: u32 = 4;
/// Time in milliseconds for which sent bytes may stay unacknowledged.
///
/// The time is longer than a short failure of the network, and short enough for both ends of a dead
/// link to notice within ten seconds.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: u32 = 6000;

/// Sets the options of every tcp connection: no delay of small messages, and an end of connections
/// whose peer is gone without notice.
pub(super) fn set_options(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, KEEPALIVE_IDLE)?;
    sockopt::set_tcp_keepintvl(stream, KEEPALIVE_INTERVAL)?;
    sockopt::set_tcp_keepcnt(stream, KEEPALIVE_PROBES)?;
    #[cfg(target_os = "linux")]
    sockopt::set_tcp_user_timeout(stream, UNACKNOWLEDGED)?;
    Ok(())
}

/// Connection to another host.
pub(crate) enum Stream {
    /// Plain tcp, on loopback only.
    Plain(TcpStream),
    /// TLS with proved keys.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Returns the address of this side.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Plain(stream) => stream.local_addr(),
            Self::Tls(stream) => stream.get_ref().0.local_addr(),
        }
    }

    /// Appends the next bytes to `buffer` and returns their number, which is 0 at the end.
    ///
    /// Of TLS these are the bytes of one record, which are copied once, from where they were
    /// decrypted. A peer that ends without closing TLS, as a killed process does, is at its end.
    /// Cancel safe.
    pub(super) async fn read_behind(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => {
                // Room that was made for a large frame is filled before more is made.
                if buffer.capacity() - buffer.len() < READ / 16 {
                    buffer.reserve(READ);
                }
                stream.read_buf(buffer).await
            }
            Self::Tls(stream) => {
                let record = match stream.fill_buf().await {
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                    record => record?,
                };
                let length = record.len();
                buffer.extend_from_slice(record);
                stream.consume(length);
                Ok(length)
            }
        }
    }
}

/// Calls a method of the inner stream of either kind.
macro_rules! poll_inner {
    ($stream:expr, $method:ident($($argument:expr),*)) => {
        match $stream.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Stream::Tls(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        poll_inner!(self, poll_read(cx, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        poll_inner!(self, poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_inner!(self, poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_inner!(self, poll_shutdown(cx))
    }
}

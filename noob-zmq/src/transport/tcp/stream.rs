//! Tcp connection to another host, with or without TLS.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use rustix::net::sockopt;
use tokio::io::{AsyncBufReadExt, AsyncReadExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;
use tokio_util::either::Either;

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

/// Connection to another host: plain tcp, on loopback only, or TLS with proved keys.
pub(crate) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Returns the address of this side.
pub(crate) fn local_addr(stream: &Stream) -> io::Result<SocketAddr> {
    match stream {
        Either::Left(stream) => stream.local_addr(),
        Either::Right(stream) => stream.get_ref().0.local_addr(),
    }
}

/// Appends the next bytes to `buffer` and returns their number, which is 0 at the end.
///
/// Of TLS these are the bytes of one record, which are copied once, from where they were
/// decrypted. A peer that ends without closing TLS, as a killed process does, is at its end.
/// Cancel safe.
pub(super) async fn read_behind(stream: &mut Stream, buffer: &mut BytesMut) -> io::Result<usize> {
    match stream {
        Either::Left(stream) => {
            // Room that was made for a large frame is filled before more is made.
            if buffer.capacity() - buffer.len() < READ / 16 {
                buffer.reserve(READ);
            }
            stream.read_buf(buffer).await
        }
        Either::Right(stream) => {
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

//! What is set on every tcp connection.

use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::TcpStream;

/// A peer that is silent this long is asked whether it is there, and then again and again.
const ASK: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(1));
/// How often it may fail to answer.
const TIMES: u32 = 4;
/// How long what was sent may stay unacknowledged: longer than a short cut of the network, and short enough for the other end of a link that
/// is dead to be done within ten seconds. In milliseconds.
const UNHEARD: u32 = 6000;

/// No delay for small messages, and an end for connections whose other side is gone without a word.
pub(super) fn set(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, ASK.0)?;
    sockopt::set_tcp_keepintvl(stream, ASK.1)?;
    sockopt::set_tcp_keepcnt(stream, TIMES)?;
    #[cfg(target_os = "linux")]
    sockopt::set_tcp_user_timeout(stream, UNHEARD)?;
    Ok(())
}

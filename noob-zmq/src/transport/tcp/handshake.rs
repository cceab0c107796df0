//! Request and response at the start of a connection: which socket the client wants, and whether
//! the client may have it.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::address::{MAX_SOCKET, is_socket};

/// First bytes of a connection: two letters, and the version of what follows.
const MAGIC: [u8; 3] = [b'N', b'Z', 1];
/// Length in bytes of the longest reason that is sent or accepted.
const MAX_REASON: usize = 400;

/// Reason why a handshake failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandshakeError {
    /// The other side sent something else than a handshake.
    #[error("it did not say which socket it wants: {0}")]
    Malformed(&'static str),
    /// The other side refused the socket.
    #[error("{0}")]
    Refused(String),
    /// The connection broke.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Requests a socket, and waits for the response.
pub(super) async fn request(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    socket: &str,
) -> Result<(), HandshakeError> {
    let mut request = MAGIC.to_vec();
    // The length was checked when the address was made.
    let length = u16::try_from(socket.len()).map_err(|_| HandshakeError::Malformed("too long"))?;
    request.extend(length.to_be_bytes());
    request.extend(socket.as_bytes());
    stream.write_all(&request).await?;
    stream.flush().await?;
    match stream.read_u8().await? {
        0 => Ok(()),
        1 => {
            let length = usize::from(stream.read_u16().await?);
            if length > MAX_REASON {
                return Err(HandshakeError::Malformed("its reason is too long"));
            }
            let mut reason = vec![0; length];
            stream.read_exact(&mut reason).await?;
            // Control characters could forge lines of the log.
            let plain = |c: char| if c.is_control() { '?' } else { c };
            let reason = String::from_utf8_lossy(&reason)
                .chars()
                .map(plain)
                .collect();
            Err(HandshakeError::Refused(reason))
        }
        _ => Err(HandshakeError::Malformed("it answered something else")),
    }
}

/// Reads a request and returns the name of the requested socket.
pub(super) async fn accept(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<String, HandshakeError> {
    let mut magic = [0; 3];
    stream.read_exact(&mut magic).await?;
    if magic != MAGIC {
        return Err(HandshakeError::Malformed(
            "it began with something else, or speaks another version",
        ));
    }
    let length = usize::from(stream.read_u16().await?);
    if length > MAX_SOCKET {
        return Err(HandshakeError::Malformed("the name is too long"));
    }
    let mut name = vec![0; length];
    stream.read_exact(&mut name).await?;
    String::from_utf8(name)
        .ok()
        .filter(|name| is_socket(name))
        .ok_or(HandshakeError::Malformed("what it said names no socket"))
}

/// Sends the response: the client may have the socket, or the reason why not.
pub(super) async fn respond(
    stream: &mut (impl AsyncWrite + Unpin),
    response: Result<(), &str>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    match response {
        Ok(()) => bytes.push(0),
        Err(reason) => {
            let mut end = reason.len().min(MAX_REASON);
            while !reason.is_char_boundary(end) {
                end -= 1;
            }
            let length = u16::try_from(end).unwrap_or_default();
            bytes.push(1);
            bytes.extend(length.to_be_bytes());
            bytes.extend(&reason.as_bytes()[..end]);
        }
    }
    stream.write_all(&bytes).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn request_is_accepted_and_its_refusal_is_read() {
        let (mut client, mut server) = tokio::io::duplex(1024);
        let requesting = tokio::spawn(async move { request(&mut client, "nodes/a/outbox").await });
        assert_eq!(accept(&mut server).await.unwrap(), "nodes/a/outbox");
        let reason = "n\u{e4}\u{1b}".repeat(300);
        respond(&mut server, Err(&reason)).await.unwrap();
        let refused = requesting.await.unwrap().unwrap_err().to_string();
        assert!(
            refused.starts_with("nä?nä?") && refused.len() <= MAX_REASON,
            "{refused}"
        );
    }

    #[tokio::test]
    async fn malformed_requests_are_rejected() {
        for request in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"NZ\x02\0\x01a",
            b"NZ\x01\xff\xff",
            b"NZ\x01\0\x05../..",
            b"NZ\x01\0\0",
            b"NZ\x01\0\x02\xff\xfe",
            b"NZ",
        ] {
            let mut stream = request;
            assert!(accept(&mut stream).await.is_err(), "{request:?}");
        }
    }
}

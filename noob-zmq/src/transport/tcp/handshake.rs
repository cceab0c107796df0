//! What is said on a connection before its bytes are passed on: which socket is meant, and whether it may be had.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::address::{MAX_SOCKET, is_socket};

/// What a connection begins with: two letters, and the version of what follows.
const MAGIC: [u8; 3] = [b'N', b'Z', 1];
/// The longest reason that is given or read.
const MAX_REASON: usize = 400;

/// Why a preface came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandshakeError {
    /// What came was none.
    #[error("it did not say which socket it wants: {0}")]
    Wrong(&'static str),
    /// The other side said no.
    #[error("{0}")]
    Refused(String),
    /// The connection broke.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Asks for a socket.
pub(super) async fn ask(
    to: &mut (impl AsyncRead + AsyncWrite + Unpin),
    socket: &str,
) -> Result<(), HandshakeError> {
    let mut said = MAGIC.to_vec();
    // Its length was checked when the address was made.
    let length = u16::try_from(socket.len()).map_err(|_| HandshakeError::Wrong("too long"))?;
    said.extend(length.to_be_bytes());
    said.extend(socket.as_bytes());
    to.write_all(&said).await?;
    to.flush().await?;
    match to.read_u8().await? {
        0 => Ok(()),
        1 => {
            let length = usize::from(to.read_u16().await?);
            if length > MAX_REASON {
                return Err(HandshakeError::Wrong("its reason is too long"));
            }
            let mut reason = vec![0; length];
            to.read_exact(&mut reason).await?;
            let plain = |c: char| if c.is_control() { '?' } else { c };
            let reason = String::from_utf8_lossy(&reason)
                .chars()
                .map(plain)
                .collect();
            Err(HandshakeError::Refused(reason))
        }
        _ => Err(HandshakeError::Wrong("it answered something else")),
    }
}

/// Hears which socket is asked for.
pub(super) async fn hear(from: &mut (impl AsyncRead + Unpin)) -> Result<String, HandshakeError> {
    let mut magic = [0; 3];
    from.read_exact(&mut magic).await?;
    if magic != MAGIC {
        return Err(HandshakeError::Wrong(
            "it began with something else, or speaks another version",
        ));
    }
    let length = usize::from(from.read_u16().await?);
    if length > MAX_SOCKET {
        return Err(HandshakeError::Wrong("the name is too long"));
    }
    let mut name = vec![0; length];
    from.read_exact(&mut name).await?;
    String::from_utf8(name)
        .ok()
        .filter(|name| is_socket(name))
        .ok_or(HandshakeError::Wrong("what it said names no socket"))
}

/// Says that it may be had, or why not.
pub(super) async fn answer(
    to: &mut (impl AsyncWrite + Unpin),
    answer: Result<(), &str>,
) -> std::io::Result<()> {
    let mut said = Vec::new();
    match answer {
        Ok(()) => said.push(0),
        Err(reason) => {
            let mut end = reason.len().min(MAX_REASON);
            while !reason.is_char_boundary(end) {
                end -= 1;
            }
            let length = u16::try_from(end).unwrap_or_default();
            said.push(1);
            said.extend(length.to_be_bytes());
            said.extend(&reason.as_bytes()[..end]);
        }
    }
    to.write_all(&said).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_asked_for_is_heard_and_answered() {
        let (mut asker, mut hearer) = tokio::io::duplex(1024);
        let asking = tokio::spawn(async move { ask(&mut asker, "nodes/a/outbox").await });
        assert_eq!(hear(&mut hearer).await.unwrap(), "nodes/a/outbox");
        let reason = "n\u{e4}\u{1b}".repeat(300);
        answer(&mut hearer, Err(&reason)).await.unwrap();
        let refused = asking.await.unwrap().unwrap_err().to_string();
        assert!(
            refused.starts_with("nä?nä?") && refused.len() <= MAX_REASON,
            "{refused}"
        );
    }

    #[tokio::test]
    async fn what_is_no_preface_is_refused_before_it_is_kept() {
        for said in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"NZ\x02\0\x01a",
            b"NZ\x01\xff\xff",
            b"NZ\x01\0\x05../..",
            b"NZ\x01\0\0",
            b"NZ\x01\0\x02\xff\xfe",
            b"NZ",
        ] {
            let mut from = said;
            assert!(hear(&mut from).await.is_err(), "{said:?}");
        }
    }
}

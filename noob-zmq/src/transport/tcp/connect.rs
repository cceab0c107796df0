//! Connects to the gate of another host, and asks for a socket.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address::{is_loopback, split_host};
use super::handshake::{self, HandshakeError};
use super::{Stream, TcpAddress, options, tls};
use crate::transport::keys::KeyPair;

/// How long one candidate may take to answer, and then to finish the handshake.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(5));

/// Pauses between attempts: the first, doubled up to the last.
pub(super) const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How long attempts go on for one connection; whoever waits behind the unix socket then begins anew.
const GIVE_UP: Duration = Duration::from_secs(20);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The other side is not there, or not yet: try again.
    #[error("{0}")]
    Away(String),
    /// The other side is there and says no, or is somebody else: trying again soon is of no use.
    #[error("{0}")]
    Refused(String),
}

/// Tries until it is there, for a while.
pub(super) async fn reach(
    address: &TcpAddress,
    own: Option<&KeyPair>,
) -> Result<(Stream, String), ConnectError> {
    let begun = Instant::now();
    let mut pause = RETRY.0;
    loop {
        match connect(address, own).await {
            Err(ConnectError::Away(why)) if begun.elapsed() < GIVE_UP => {
                tracing::debug!(socket = %address.socket(), "no connection yet to {why}");
            }
            done => return done,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RETRY.1);
    }
}

/// Connects to the first of the hosts that completes; gives the address that it was, too.
pub(crate) async fn connect(
    address: &TcpAddress,
    own: Option<&KeyPair>,
) -> Result<(Stream, String), ConnectError> {
    let mut away = Vec::new();
    for host in address.hosts() {
        match try_host(address, host, own).await {
            Ok(done) => return Ok(done),
            Err(ConnectError::Away(why)) => away.push(why),
            Err(refused) => return Err(refused),
        }
    }
    Err(ConnectError::Away(away.join("; ")))
}

async fn try_host(
    address: &TcpAddress,
    host: &str,
    own: Option<&KeyPair>,
) -> Result<(Stream, String), ConnectError> {
    let away = |why: &dyn std::fmt::Display| ConnectError::Away(format!("{host}: {why}"));
    let (name, port) = split_host(host).ok_or_else(|| away(&"it is no host with a port"))?;
    let found = tokio::time::timeout(PATIENCE.0, tokio::net::lookup_host((name, port)))
        .await
        .map_err(|_| away(&"nobody says where it is"))?
        .map_err(|error| away(&error))?;
    let mut last = away(&"it has no address");
    for candidate in found {
        let connecting = tokio::time::timeout(PATIENCE.0, TcpStream::connect(candidate)).await;
        let stream = match connecting {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                last = ConnectError::Away(format!("{candidate}: {error}"));
                continue;
            }
            Err(_) => {
                last =
                    ConnectError::Away(format!("{candidate}: no answer within {:?}", PATIENCE.0));
                continue;
            }
        };
        options::set(&stream).map_err(|error| away(&error))?;
        let greeted = tokio::time::timeout(PATIENCE.1, greet(address, stream, own)).await;
        return match greeted {
            Ok(Ok(stream)) => Ok((stream, candidate.to_string())),
            Ok(Err(ConnectError::Away(why))) => {
                Err(ConnectError::Away(format!("{candidate}: {why}")))
            }
            Ok(Err(ConnectError::Refused(why))) => {
                Err(ConnectError::Refused(format!("{candidate}: {why}")))
            }
            Err(_) => Err(ConnectError::Away(format!(
                "{candidate}: no handshake within {:?}",
                PATIENCE.1
            ))),
        };
    }
    Err(last)
}

async fn greet(
    address: &TcpAddress,
    stream: TcpStream,
    own: Option<&KeyPair>,
) -> Result<Stream, ConnectError> {
    let refused = |why: &dyn std::fmt::Display| ConnectError::Refused(why.to_string());
    let mut stream = match (address.key(), own) {
        (Some(pinned), Some(own)) => {
            let config = tls::client(own, pinned).map_err(|error| refused(&error))?;
            let connector = TlsConnector::from(Arc::new(config));
            let done = connector.connect(tls::server_name(), stream).await;
            Stream::Tls(Box::new(done.map_err(|error| judge(&error))?.into()))
        }
        (Some(_), None) => {
            return Err(refused(
                &"it asks for a key, and this side has none; make one by `noob-zmq keygen`",
            ));
        }
        (None, _) => {
            let peer = stream.peer_addr().map_err(|error| judge(&error))?;
            if !is_loopback(peer.ip()) {
                return Err(refused(
                    &"the address names no key, and only on loopback can that be done without",
                ));
            }
            Stream::Plain(stream)
        }
    };
    match handshake::ask(&mut stream, address.socket()).await {
        Ok(()) => Ok(stream),
        Err(HandshakeError::Io(error)) => Err(judge(&error)),
        // A socket that is not there yet may come; the rest is for good.
        Err(HandshakeError::Refused(why)) if why.contains("is not there") => {
            Err(ConnectError::Away(why))
        }
        Err(error) => Err(refused(&error)),
    }
}

/// Whether a failed handshake is a refusal. In TLS 1.3 the side that connects is done before its key was judged, and hears of that when it
/// reads first.
fn judge(error: &std::io::Error) -> ConnectError {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::AlertReceived(alert)) => ConnectError::Refused(format!(
            "it does not let this key in, or does not speak as we do ({alert:?})"
        )),
        Some(rustls::Error::InvalidCertificate(_)) => ConnectError::Refused(
            "it has another key than the one that is expected: it is somebody else, or its key was replaced"
                .into(),
        ),
        Some(error) => ConnectError::Refused(error.to_string()),
        None => ConnectError::Away(error.to_string()),
    }
}

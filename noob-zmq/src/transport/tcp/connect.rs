//! Client side of a connection: connects to the listener of another host and requests a socket.

use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::address::{is_loopback, split_host};
use super::handshake::{self, HandshakeError};
use super::stream::{Stream, set_options};
use super::{TcpAddress, tls};
use crate::transport::keys::KeyPair;

/// Time limit for an address to be resolved, and for a candidate to accept.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Time limit for a candidate to complete the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Shortest pause between two attempts; each further pause is twice as long.
pub(super) const MIN_RETRY_PAUSE: Duration = Duration::from_millis(50);
/// Longest pause between two attempts.
pub(super) const MAX_RETRY_PAUSE: Duration = Duration::from_secs(1);
/// Time after which the next candidate is tried beside the one before.
const STAGGER: Duration = Duration::from_millis(300);
/// Time for which attempts are repeated; the caller then starts anew.
const GIVE_UP: Duration = Duration::from_secs(20);

/// Reason why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The other side is not there, or not yet: a further attempt may succeed.
    #[error("{0}")]
    Unreachable(String),
    /// The other side refuses, or has another key: a further attempt is useless for now.
    #[error("{0}")]
    Refused(String),
}

/// Failure of an attempt at one host.
enum HostFailure {
    /// The host refuses, or nobody is there.
    Known(ConnectError),
    /// Somebody with another key is there: the peer may be at another of its addresses.
    OtherKey(String),
}

impl From<ConnectError> for HostFailure {
    fn from(error: ConnectError) -> Self {
        Self::Known(error)
    }
}

/// Connection, and the address of the candidate that accepted.
type Connected = (Stream, String);

impl ConnectError {
    fn refused(why: impl Display) -> Self {
        Self::Refused(why.to_string())
    }
}

impl HostFailure {
    /// Puts the candidate that failed in front of the reason.
    fn at(self, candidate: impl Display) -> Self {
        let at = |why| format!("{candidate}: {why}");
        match self {
            Self::Known(ConnectError::Unreachable(why)) => {
                ConnectError::Unreachable(at(why)).into()
            }
            Self::Known(ConnectError::Refused(why)) => ConnectError::Refused(at(why)).into(),
            Self::OtherKey(why) => Self::OtherKey(at(why)),
        }
    }
}

/// Connects, and repeats attempts for a while if the other side is not there.
pub(super) async fn connect_with_retry(
    address: &TcpAddress,
    own: Option<&KeyPair>,
) -> Result<Connected, ConnectError> {
    let started = Instant::now();
    let mut pause = MIN_RETRY_PAUSE;
    loop {
        match connect(address, own).await {
            Err(ConnectError::Unreachable(why)) if started.elapsed() < GIVE_UP => {
                tracing::debug!(socket = %address.socket(), "no connection yet to {why}");
            }
            done => return done,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_RETRY_PAUSE);
    }
}

/// Connects to the first host of `address` that completes the handshake.
///
/// Each host is tried when the one before has failed or has not answered for a moment. Somebody
/// with another key at one of several hosts is passed over.
pub(crate) async fn connect(
    address: &TcpAddress,
    own: Option<&KeyPair>,
) -> Result<Connected, ConnectError> {
    let mut hosts = address.hosts().iter();
    // Dropped with the remaining attempts, which are cancelled.
    let mut attempts = JoinSet::new();
    let (mut unreachable, mut other_keys) = (Vec::new(), Vec::new());
    loop {
        if let Some(host) = hosts.next() {
            let (address, host, own) = (address.clone(), host.clone(), own.cloned());
            attempts.spawn(async move { connect_to_host(&address, &host, own.as_ref()).await });
        }
        let is_last = hosts.len() == 0;
        let ended = tokio::select! {
            ended = attempts.join_next() => ended,
            () = tokio::time::sleep(STAGGER), if !is_last => continue,
        };
        match ended {
            None if is_last => break,
            None => {}
            Some(Ok(Ok(connected))) => return Ok(connected),
            Some(Ok(Err(HostFailure::Known(ConnectError::Unreachable(why))))) => {
                unreachable.push(why);
            }
            Some(Ok(Err(HostFailure::Known(refused)))) => return Err(refused),
            Some(Ok(Err(HostFailure::OtherKey(why)))) => other_keys.push(why),
            Some(Err(error)) => unreachable.push(error.to_string()),
        }
    }
    if unreachable.is_empty() {
        return Err(ConnectError::Refused(other_keys.join("; ")));
    }
    unreachable.extend(other_keys);
    Err(ConnectError::Unreachable(unreachable.join("; ")))
}

async fn connect_to_host(
    address: &TcpAddress,
    host: &str,
    own: Option<&KeyPair>,
) -> Result<Connected, HostFailure> {
    let unreachable = |why: &dyn Display| ConnectError::Unreachable(format!("{host}: {why}"));
    let (name, port) = split_host(host).ok_or_else(|| unreachable(&"it is no host with a port"))?;
    let candidates = timeout(CONNECT_TIMEOUT, tokio::net::lookup_host((name, port)))
        .await
        .map_err(|_| unreachable(&"nobody says where it is"))?
        .map_err(|error| unreachable(&error))?;
    let mut last = unreachable(&"it has no address");
    for candidate in candidates {
        // A time limit for each: a candidate that drops packets must not keep the next from its
        // turn.
        let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect(candidate)).await;
        let no_answer = || io::Error::other(format!("no answer within {CONNECT_TIMEOUT:?}"));
        let stream = match connected.unwrap_or_else(|_| Err(no_answer())) {
            Ok(stream) => stream,
            Err(error) => {
                last = ConnectError::Unreachable(format!("{candidate}: {error}"));
                continue;
            }
        };
        set_options(&stream).map_err(|error| unreachable(&error))?;
        let agreed = timeout(HANDSHAKE_TIMEOUT, handshake(address, stream, own)).await;
        let silent =
            || ConnectError::Unreachable(format!("no handshake within {HANDSHAKE_TIMEOUT:?}"));
        return agreed
            .unwrap_or_else(|_| Err(silent().into()))
            .map(|stream| (stream, candidate.to_string()))
            .map_err(|error| error.at(candidate));
    }
    Err(last.into())
}

async fn handshake(
    address: &TcpAddress,
    stream: TcpStream,
    own: Option<&KeyPair>,
) -> Result<Stream, HostFailure> {
    let mut stream = match (address.key(), own) {
        (Some(pinned), Some(own)) => {
            let config = tls::client_config(own, pinned).map_err(ConnectError::refused)?;
            let connector = TlsConnector::from(Arc::new(config));
            let connected = connector.connect(tls::server_name(), stream).await;
            Stream::Right(Box::new(
                connected.map_err(|error| classify(&error))?.into(),
            ))
        }
        (Some(_), None) => {
            return Err(ConnectError::refused(
                "it asks for a key, and this side has none; make one by `noob-zmq keygen`",
            )
            .into());
        }
        (None, _) => {
            let peer = stream.peer_addr().map_err(|error| classify(&error))?;
            if !is_loopback(peer.ip()) {
                return Err(ConnectError::refused(
                    "the address names no key, and only on loopback can that be done without",
                )
                .into());
            }
            Stream::Left(stream)
        }
    };
    match handshake::request(&mut stream, address.socket()).await {
        Ok(()) => Ok(stream),
        Err(HandshakeError::Io(error)) => Err(classify(&error)),
        // A socket that is not there may still be bound, and another run may follow one that is
        // over; every other refusal is final.
        Err(HandshakeError::Refused(why))
            if why.contains("is not there") || why.contains("the run is over") =>
        {
            Err(ConnectError::Unreachable(why).into())
        }
        Err(error) => Err(ConnectError::refused(error).into()),
    }
}

/// Classifies the failure of a handshake as a refusal or as an unreachable peer.
///
/// In TLS 1.3 the client has completed its handshake before the server judges the client's key; the
/// client learns of a refusal with its first read.
fn classify(error: &io::Error) -> HostFailure {
    let known = match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::AlertReceived(alert)) => ConnectError::Refused(format!(
            "it does not let this key in, or does not speak as we do ({alert:?})"
        )),
        Some(rustls::Error::InvalidCertificate(_)) => {
            return HostFailure::OtherKey(
                "it has another key than the one that is expected: it is somebody else, or its \
                 key was replaced"
                    .to_owned(),
            );
        }
        Some(error) => ConnectError::refused(error),
        None => ConnectError::Unreachable(error.to_string()),
    };
    known.into()
}

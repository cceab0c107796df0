//! Options of a socket, and the messages between its handle, its task and the actor loop.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use zeromq::ZmqMessage;

use crate::transport::{Endpoint, SocketKind, TransportError};

/// Time limit of one attempt to connect.
///
/// The limit is long, because the other side may already count an attempt that is given up as a
/// subscriber; messages that it publishes before the next attempt would be lost. A handshake takes
/// seconds under load, and an attempt that waits delays no other peer.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Shortest pause between two attempts to connect; each further pause is twice as long.
pub(super) const MIN_RETRY_PAUSE: Duration = Duration::from_millis(10);
/// Longest pause between two attempts to connect.
pub(super) const MAX_RETRY_PAUSE: Duration = Duration::from_millis(250);
/// Time for which messages sent before a socket was closed wait for a peer.
pub(crate) const FLUSH: Duration = Duration::from_secs(1);
/// Prefix of the topic by which a subscriber tells the publisher its name.
pub(crate) const SUBSCRIBER: &str = "__subscriber__:";

/// Options of a socket.
#[derive(Debug, Clone)]
pub(crate) struct SocketConfig {
    /// Kind of the socket.
    pub(crate) kind: SocketKind,
    /// Index of the socket among the sockets of its actor.
    pub(crate) socket: usize,
    /// Name of the socket in the log.
    pub(crate) name: Arc<str>,
    /// Identity on the wire, for kinds that have one.
    pub(crate) identity: Arc<str>,
    /// Topics that SUB and XSUB subscribe to, in this order.
    pub(crate) topics: Vec<String>,
    /// Whether an empty frame precedes each sent message, as a REP expects it from a DEALER.
    pub(crate) delimits: bool,
    /// Whether queued messages of one topic are sent as one (XPUB, between Rust processes).
    pub(crate) packs: bool,
    /// Resolver of addresses on other hosts.
    #[cfg(feature = "remote")]
    pub(crate) network: Option<crate::transport::tcp::AddressResolver>,
}

/// Peer that a SUB or XSUB socket connects to.
pub(super) enum PeerSocket {
    /// Socket of this host.
    Local(Endpoint),
    /// Socket of another host.
    #[cfg(feature = "remote")]
    Remote(crate::transport::tcp::RemoteEndpoint),
}

impl SocketConfig {
    /// Returns the name of the socket in its spec.
    pub(crate) fn socket_name(&self) -> &str {
        self.name
            .rsplit_once('.')
            .map_or(&*self.name, |(_, name)| name)
    }

    /// Returns the options of a subscriber to these topics, instead of everything.
    pub(super) fn with(&self, topics: &[String]) -> Self {
        // The topics that tell the publisher of the subscriber stay the last.
        let own = self.topics.iter().skip(1);
        Self {
            topics: topics.iter().chain(own).cloned().collect(),
            ..self.clone()
        }
    }

    /// Returns the unix socket by which `endpoint` is reached.
    pub(super) fn local(&self, endpoint: &Endpoint) -> Result<Endpoint, TransportError> {
        #[cfg(feature = "remote")]
        match (&self.network, endpoint.remote()) {
            (Some(network), _) => return network.to_local(endpoint),
            (None, Some(_)) => {
                return Err(TransportError::address(
                    endpoint,
                    "this actor was opened without a resolver of other hosts; see \
                     `Opener::with_resolver`",
                ));
            }
            (None, None) => {}
        }
        Ok(endpoint.clone())
    }

    /// Returns the peer at `endpoint`.
    pub(super) fn peer(&self, endpoint: &Endpoint) -> Result<PeerSocket, TransportError> {
        // Also for a peer that is reached without a unix socket: other processes of this
        // directory may need the tunnel that this call makes.
        let local = self.local(endpoint)?;
        #[cfg(feature = "remote")]
        if let Some(network) = &self.network
            && let Some(remote) = network.remote(endpoint)
        {
            return Ok(PeerSocket::Remote(remote?));
        }
        Ok(PeerSocket::Local(local))
    }
}

/// Identity of the other end of a connection, and the limits of what it may send.
#[derive(Debug)]
pub(crate) struct PeerInfo {
    /// Component of the address that stands for the name that the peer must send under, where the
    /// address determines one.
    pub(crate) file_name: Option<Box<str>>,
    /// Kinds of message that the peer may not send.
    pub(crate) never: Vec<&'static str>,
}

/// Message that arrived at a socket.
#[derive(Debug)]
pub(crate) struct Inbound {
    /// Sender, where each connection has a socket of its own and the other end is known.
    pub(crate) from: Option<Arc<PeerInfo>>,
    /// Index of the socket.
    pub(crate) socket: usize,
    /// Frames as the socket delivers them.
    pub(crate) frames: Vec<Bytes>,
    /// Guard that is dropped after the message was handled.
    ///
    /// A REP receives the next request only then, since a reply goes to the last requester.
    pub(crate) handled: Option<oneshot::Sender<()>>,
}

/// Request of a handle to the task that owns the socket.
pub(super) enum SocketCommand {
    Send(ZmqMessage),
    Connect(Endpoint),
}

//! Tcp between hosts: tunnels that accept only the owners of known keys.
//!
//! ZMTP never listens on tcp. On each host the sockets stay unix sockets in the private directory
//! of the run. A [`Listener`] listens on tcp, proves by a handshake of TLS 1.3 (raw public keys,
//! RFC 7250, pinned) the key of each side, reads which socket is requested, and copies bytes. On
//! the other side an [`AddressResolver`] puts a unix socket in the place where the socket of the
//! other host would be, and copies bytes. Actors, names and handlers do not differ.
//!
//! A tunnel costs two unix sockets on the way of each message. Events are spared them: a subscriber
//! of another host's XPUB reads the connection itself (`remote_subscriber`), and a listener serves
//! links to an XPUB of its own process from that socket's queue (`remote_publisher`). Both speak
//! the ZMTP of the sockets of the crate (`zmtp`), so that either may be at the other end.

mod access;
mod address;
#[cfg(feature = "cli")]
mod blocking_link;
mod connect;
mod connection;
mod handshake;
mod identity_acl;
mod listener;
mod remote_publisher;
mod remote_subscriber;
mod resolver;
mod stream;
mod tls;
mod tunnel_copy;
mod tunnel_proxy;
mod zmtp;

#[cfg(feature = "cli")]
pub(crate) use access::WATCH;
pub use access::{AccessControl, allowed_roles};
pub use address::TcpAddress;
pub(crate) use address::{MAX_HOSTS, is_loopback};
#[cfg(feature = "cli")]
pub(crate) use blocking_link::BlockingLink;
pub(crate) use connect::{ConnectError, connect};
pub(crate) use identity_acl::IdentityAcl;
pub(crate) use listener::{JoinTarget, ListenerContext, PendingJoin};
pub use listener::{Listener, ListenerStats};
pub(crate) use remote_subscriber::RemoteEndpoint;
pub use resolver::AddressResolver;
pub(crate) use stream::{Stream, local_addr};

/// Size in bytes of the largest message that is accepted from a socket of another host.
const MAX_INBOUND_MESSAGE: u64 = 1 << 30;

//! Tcp between hosts: tunnels that let nobody in but the owners of known keys.
//!
//! ZMTP never listens on tcp. On each host the sockets stay unix sockets in the private directory of the run; a [`Listener`] listens on tcp,
//! proves by a handshake of TLS 1.3 who each side is (raw public keys, RFC 7250, pinned), asks which socket is meant, and passes bytes on.
//! On the other side a [`AddressResolver`] puts a unix socket in the place where the socket of the other host would be, and passes bytes on.
//! Actors, names and handlers do not know the difference.
//!
//! That costs two unix sockets on the way of each message, and events are spared it: whoever hears an XPUB of another host reads the link itself
//! (`hearing`), and a gate serves links to an XPUB of its own process from what is sent there (`outlet`). Both speak the ZMTP that the sockets of
//! the crate speak, and need not know what is at the other end.

mod access;
mod address;
mod connect;
mod handshake;
mod identity_acl;
mod listener;
mod options;
mod remote_publisher;
mod remote_subscriber;
mod resolver;
mod stream;
mod tls;
mod tunnel_copy;
mod tunnel_proxy;
mod zmtp;

pub use access::{AccessControl, allowed_roles};
pub use address::TcpAddress;
pub(crate) use connect::{ConnectError, connect};
pub(crate) use identity_acl::IdentityAcl;
pub use listener::{Listener, ListenerStats};
pub(crate) use listener::{ListenerContext, PendingJoin};
pub(crate) use remote_subscriber::RemoteEndpoint;
pub use resolver::AddressResolver;
pub(crate) use stream::Stream;

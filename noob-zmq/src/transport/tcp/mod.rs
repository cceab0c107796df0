//! Tcp between hosts: tunnels that let nobody in but the owners of known keys.
//!
//! ZMTP never listens on tcp. On each host the sockets stay unix sockets in the private directory of the run; a [`Gate`] listens on tcp,
//! proves by a handshake of TLS 1.3 who each side is (raw public keys, RFC 7250, pinned), asks which socket is meant, and passes bytes on.
//! On the other side a [`Network`] puts a unix socket in the place where the socket of the other host would be, and passes bytes on.
//! Actors, names and handlers do not know the difference.

mod address;
mod connector;
mod dial;
mod door;
mod gate;
mod guard;
mod network;
mod options;
mod preface;
mod splice;
mod tls;
mod voices;

pub use address::TcpAddress;
pub(crate) use dial::{DialError, Stream, dial};
pub use door::{Door, admitted};
pub use gate::{Gate, GateCounts};
pub(crate) use gate::{House, Visitor};
pub use network::Network;
pub(crate) use voices::Voices;

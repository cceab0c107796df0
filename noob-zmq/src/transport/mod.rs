//! Where messages travel: addresses, private directories, and the sockets of the `zeromq` crate behind types that cannot be misused.
//!
//! - [`RuntimeDir`]: the 0700 directory that holds a runner's sockets, and goes with it.
//! - [`Endpoint`]: an address, checked.
//! - `tcp` (feature `remote`): tunnels between hosts, for those whose key is known (`keys`).
//! - `link`: one owner task a socket; everybody else talks to it through channels. `hear`: those that hear others, one task a peer.
//! - `outlets`: links of other hosts that end at a publisher of this process.

mod endpoint;
mod error;
#[cfg(feature = "remote")]
pub mod keys;
mod kind;
mod runtime_dir;
mod socket;
#[cfg(feature = "remote")]
pub mod tcp;

pub use endpoint::{Endpoint, Protocol};
pub use error::TransportError;
pub use kind::SocketKind;
pub(crate) use runtime_dir::remove;
pub use runtime_dir::{RuntimeDir, runs, runtime_root};
pub(crate) use socket::{FLUSH, Inbound, PeerInfo, SUBSCRIBER, SocketConfig, SocketHandle};

//! Transport of messages: addresses, private directories, and the sockets of the `zeromq` crate
//! behind types that cannot be misused.
//!
//! The transport carries frames; it does not know the messages in them (`wire`).
//!
//! - [`RuntimeDir`]: the 0700 directory with the sockets of a run, removed at its end.
//! - [`Endpoint`]: a checked address.
//! - `shared_memory`: large values of other processes of this host.
//! - `socket`: one task per socket; the rest of the process talks to that task through channels.
//! - `tcp` (feature `remote`): tunnels between hosts, for peers whose key is known (`keys`).

mod endpoint;
mod error;
pub(crate) mod file_name;
#[cfg(feature = "remote")]
pub(crate) mod interfaces;
#[cfg(feature = "remote")]
pub mod keys;
mod kind;
mod runtime_dir;
mod shared_memory;
mod socket;
#[cfg(feature = "remote")]
pub mod tcp;

pub use endpoint::Endpoint;
pub use error::TransportError;
pub use kind::SocketKind;
pub(crate) use runtime_dir::{RUN_NAME, remove};
pub use runtime_dir::{RuntimeDir, runs, runtime_root};
pub(crate) use shared_memory::{memory_topic, sharing_subscriber};
pub(crate) use socket::{
    FLUSH, Inbound, PeerInfo, SUBSCRIBER, SendProgress, SocketConfig, SocketHandle,
};

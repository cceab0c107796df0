//! Nodes on other hosts: how a host joins a run, and which peers an actor of the run knows.
//!
//! - [`Hosts`] configures the remote nodes of a runner; `server` is the runner's half of the join
//!   handshake.
//! - [`Join`] hosts one node of another host's run; `client` is its half of the join handshake.
//! - `peers` exists without the feature `tls` too, and then knows nobody.

#[cfg(feature = "tls")]
mod client;
#[cfg(feature = "tls")]
mod config;
#[cfg(feature = "tls")]
mod fingerprint;
#[cfg(feature = "tls")]
mod handshake;
#[cfg(feature = "tls")]
mod join;
pub(crate) mod peers;
#[cfg(feature = "tls")]
mod server;

#[cfg(feature = "tls")]
pub use config::Hosts;
#[cfg(feature = "tls")]
pub(super) use config::Opened;
#[cfg(feature = "tls")]
pub(super) use fingerprint::Signature;
#[cfg(feature = "tls")]
pub use join::{Join, JoinError};
#[cfg(feature = "tls")]
pub(super) use server::{Asks, Declined, greet};

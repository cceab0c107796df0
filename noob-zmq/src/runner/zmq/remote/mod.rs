//! Nodes on other hosts: how a host joins a run, and which peers an actor of the run knows.
//!
//! - [`RemoteConfig`] configures the remote nodes of a runner; `server` is the runner's half of the
//!   join handshake.
//! - [`RemoteNode`] hosts one node of another host's run; `client` is its half of the join
//!   handshake. `agent_child` is the main function of such a process where an agent has started it.
//! - `peers` exists without the feature `tls` too, and then knows nobody.

#[cfg(feature = "remote")]
pub(super) mod agent_child;
#[cfg(feature = "remote")]
mod client;
#[cfg(feature = "remote")]
mod config;
#[cfg(feature = "remote")]
mod fingerprint;
#[cfg(feature = "remote")]
mod handshake;
#[cfg(feature = "remote")]
mod join;
pub(crate) mod peers;
#[cfg(feature = "remote")]
mod server;

#[cfg(feature = "remote")]
pub use config::RemoteConfig;
#[cfg(feature = "remote")]
pub(super) use config::RunnerListener;
#[cfg(feature = "remote")]
pub(super) use fingerprint::NodeFingerprint;
#[cfg(feature = "remote")]
pub(super) use handshake::NodeAssignment;
#[cfg(feature = "remote")]
pub(super) use handshake::{read as read_block, write as write_block};
#[cfg(feature = "remote")]
pub use join::{JoinError, JoinErrorKind, RemoteNode};
#[cfg(feature = "remote")]
pub(super) use server::{JoinAborted, JoinRequest, read_join_request};

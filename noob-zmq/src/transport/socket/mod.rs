//! Sockets of the `zeromq` crate, each owned by one task and used through channels.
//!
//! - `handle`: the cloneable end that the rest of the process holds, and the task that owns the
//!   socket.
//! - `subscriber`: one task per peer for SUB and XSUB sockets.
//! - `publisher_links`: links of other hosts that end at a publisher of this process.
//! - `batch`: packs queued messages of one topic into one.
//! - `backend`: the socket types of the crate behind one enum.
//! - `dedicated_runtime`: the thread for sockets that deadlock on a runtime with several threads.

mod backend;
mod batch;
mod dedicated_runtime;
mod handle;
#[cfg_attr(
    not(feature = "remote"),
    expect(dead_code, reason = "only links of other hosts use it")
)]
pub(super) mod publisher_links;
mod subscriber;

pub(crate) use handle::{FLUSH, Inbound, PeerInfo, SUBSCRIBER, SocketConfig, SocketHandle};

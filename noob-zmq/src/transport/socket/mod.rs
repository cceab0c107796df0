//! Sockets of the `zeromq` crate, each owned by one task and used through channels.
//!
//! The crate is safe to use only under conditions that this folder keeps: a send is never
//! cancelled, a socket that receives is always polled, a broken connection is replaced by a new
//! socket, and a peer that does not read delays its own socket only (`docs/upstream.md` lists the
//! defects behind these conditions). The crate noob-zmq-sockets has the socket types behind one
//! enum. Addresses and keys are resolved elsewhere.
//!
//! - `config`: options and messages shared by the files of this folder.
//! - `handle`: the cloneable end of a socket that the rest of the process holds.
//! - `owner`: the task that owns a socket; `state` decides what that task does next, without I/O.
//! - `linger`: the wait before a socket with queues inside the crate is dropped, without clock.
//! - `delimiters`: the empty frames of the request-reply envelope.
//! - `subscriber`: one task per peer for SUB and XSUB sockets.
//! - `publisher_links`: links of other hosts that end at a publisher of this process.
//! - `batch`: packs queued messages of one topic into one.
//! - `dedicated_runtime`: the thread for sockets that deadlock on a runtime with several threads.

mod batch;
mod config;
mod dedicated_runtime;
mod delimiters;
mod handle;
mod linger;
mod owner;
#[cfg_attr(
    not(any(feature = "remote", test)),
    expect(dead_code, reason = "only links of other hosts use it")
)]
pub(super) mod publisher_links;
mod state;
mod subscriber;

pub(crate) use config::{FLUSH, Inbound, PeerInfo, SUBSCRIBER, SocketConfig};
pub(crate) use handle::{SendProgress, SocketHandle};

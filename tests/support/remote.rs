//! A socket spec that other crates handle.

use noob_zmq::actor::{Sub, XPub};
use noob_zmq::wire::{Ping, Subscription};

/// Two sockets.
#[derive(Debug, Clone, noob_zmq::Sockets)]
#[sockets(path = "remote")]
pub struct RemoteSockets {
    /// Hears who listens.
    #[bind]
    #[recv(Subscription)]
    pub outbox: XPub,
    /// Hears pings.
    #[connect]
    #[recv(Ping)]
    pub inbox: Sub,
}

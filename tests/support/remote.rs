//! A socket spec that other crates handle.

use noob_zmq::actor::{Pull, Sub, XPub};
use noob_zmq::wire::{MessageType, Ping, Subscription};

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

/// The sockets of [`Remote`].
#[derive(Debug, Clone, noob_zmq::Sockets)]
#[sockets(path = "remote")]
pub struct OpenSockets {
    /// Hears pings, and whatever add-ons handle.
    #[bind]
    #[recv(Ping)]
    pub inbox: Pull,
}

/// An actor that takes add-ons, and remembers what it was told.
#[derive(Debug)]
pub struct Remote {
    /// Kept open.
    pub sockets: OpenSockets,
    /// Messages that it has received, in this order.
    pub heard: Vec<String>,
}

impl Remote {
    /// With nothing heard yet.
    pub fn new(sockets: OpenSockets) -> Self {
        Self {
            sockets,
            heard: Vec::new(),
        }
    }
}

#[noob_zmq::handlers(OpenSockets, addons)]
impl Remote {
    #[on_inbox(MessageType::Ping)]
    fn on_ping(&mut self, _ping: Ping) {
        self.heard.push("ping".to_owned());
    }
}

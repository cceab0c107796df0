//! Generated code passes every lint that a user may turn on.
#![deny(
    warnings,
    missing_docs,
    unused_qualifications,
    missing_debug_implementations
)]
#![deny(
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::large_futures
)]

use noob_zmq::actor::{Dealer, Router, Sub, XPub};
use noob_zmq::wire::{
    Announce, Events, Failure, Identify, MessageType, Ping, Status, Subscription,
};
use noob_zmq::{Sockets, handlers};

/// Sockets of a command node.
#[derive(Debug, Clone, Sockets)]
#[sockets(path = "command")]
pub struct CommandSockets {
    /// Commands.
    #[bind]
    #[recv(Subscription)]
    #[send(Announce, Ping)]
    #[peer(NodeSockets::INBOX)]
    pub outbox: XPub<Self>,
    /// Reports.
    #[bind("command/inbox")]
    #[recv(Identify, Status, Failure)]
    #[peer(NodeSockets::DEALER)]
    pub router: Router,
}

/// Sockets of a node.
#[derive(Debug, Clone, Sockets)]
#[sockets(path = "nodes/{id}", identity = "{id}")]
pub struct NodeSockets {
    /// Reports.
    #[connect("command/inbox")]
    #[send(Identify, Status, Failure)]
    #[peer(CommandSockets::ROUTER)]
    pub dealer: Dealer<Self>,
    /// Commands.
    #[connect]
    #[recv(Announce, Ping, Events)]
    #[peer(CommandSockets::OUTBOX, kind = Pub)]
    pub inbox: Sub,
}

/// Sockets of both actors.
#[derive(Debug, Clone, Sockets)]
pub struct BothSockets {
    /// Sockets of the command node.
    #[sockets]
    pub command: CommandSockets,
    /// Progress.
    #[bind]
    #[send(Status)]
    #[peer(kind = Sub)]
    pub progress: XPub<Self>,
}

/// Command node.
#[derive(Debug, Default)]
pub struct CommandNode {
    seen: usize,
}

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) {
        drop(subscription);
        self.seen += 1;
    }

    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {
        drop(identify);
        self.seen += 1;
    }

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) {
        drop(status);
        self.seen += 1;
    }

    #[on_router(MessageType::Failure)]
    fn on_error(&mut self, failure: Failure) {
        drop(failure);
        self.seen += 1;
    }
}

/// Actor around the command node.
#[derive(Debug, Default)]
pub struct Outer {
    inner: CommandNode,
    seen: usize,
}

#[handlers(BothSockets, delegate(command = inner))]
impl Outer {
    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: &Status) {
        self.seen += usize::from(!format!("{status:?}").is_empty());
    }
}

#[test]
fn runs() {
    let _ = Outer::default();
}

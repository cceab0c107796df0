use noob_zmq::actor::XPub;
use noob_zmq::runner::zmq::{CommandNode, CommandSockets};
use noob_zmq::wire::{Events, MessageType, Status, Subscription};
use noob_zmq::{Sockets, handlers};

/// A command node's sockets, and one more.
#[derive(Sockets)]
struct WatchSockets {
    /// A command node's.
    #[sockets]
    command: CommandSockets,
    /// Progress, for whoever listens.
    #[bind]
    #[recv(Subscription)]
    #[send(Status)]
    #[peer(kind = Sub)]
    progress: XPub<Self>,
}

/// A command node that counts.
struct Watch {
    inner: CommandNode,
    events: usize,
    reports: usize,
}

#[handlers(WatchSockets, delegate(command = inner))]
impl Watch {
    /// Takes a reference: looks at the message, which then goes on to the inner command node.
    #[on_inbox(MessageType::Events)]
    fn on_events(&mut self, events: &Events) {
        self.events += events.0.len();
    }

    /// Has the message instead of the inner command node, and passes on what that one needs.
    #[on_router(MessageType::Status, instead)]
    fn on_status(&mut self, status: Status) {
        self.reports += 1;
        self.inner.on_status(status);
    }

    #[on_progress(MessageType::Subscription)]
    fn on_subscription(&mut self, _subscription: Subscription) {}
}

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
    progress: XPub,
}

/// A command node that counts.
struct Watch {
    inner: CommandNode,
    events: usize,
    reports: usize,
}

#[handlers(WatchSockets, delegate(command = inner))]
impl Watch {
    /// Takes the message itself: the inner command node does not get it.
    #[on_inbox(MessageType::Event)]
    fn on_event(&mut self, events: Events) {
        self.events += events.0.len();
    }

    /// Takes a reference: looks at the message, which then goes on to the inner command node.
    #[on_router(MessageType::Status)]
    fn on_status(&mut self, _status: &Status) {
        self.reports += 1;
    }

    #[on_progress(Subscription)]
    fn on_subscription(&mut self, _subscription: Subscription) {}
}

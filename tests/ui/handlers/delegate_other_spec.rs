//! A delegate that handles another spec.
#![allow(unused)]
use noob_zmq::actor::{Pub, Router, Sub, XPub};
use noob_zmq::wire::{Announce, Events, Identify, MessageType, Ping, Status, Subscription};
use noob_zmq::{Sockets, handlers};

#[derive(Sockets)]
struct CommandSockets {
    #[bind]
    #[recv(Identify, Status)]
    router: Router,
    #[connect]
    #[recv(Events)]
    inbox: Sub,
    #[bind]
    #[send(Announce)]
    outbox: Pub<Self>,
}

struct CommandNode;

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

#[derive(Sockets)]
struct WatchSockets {
    #[sockets]
    command: CommandSockets,
    #[bind]
    #[recv(Subscription)]
    progress: XPub,
}

struct Watch {
    inner: CommandNode,
}

#[handlers(WatchSockets, delegate = inner)]
impl Watch {
    #[on_progress(Subscription)]
    fn on_subscription(&mut self, subscription: &Subscription) {}
}

fn main() {}

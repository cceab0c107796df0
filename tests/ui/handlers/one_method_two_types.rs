//! A method for two messages whose types differ.
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
    #[on_router(MessageType::Status)]
    fn on_report(&mut self, report: Status) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

fn main() {}

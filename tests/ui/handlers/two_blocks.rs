//! An actor has one block with handlers.
#![allow(unused)]
use noob_zmq::actor::{Pub, Router, Sub};
use noob_zmq::wire::{Announce, Events, Identify, MessageType, Status};
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
    fn on_events(&mut self, events: Events) {}
}

#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn again(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn once_more(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    fn and_again(&mut self, events: Events) {}
}

fn main() {}

//! A message is handled on a socket where it does not arrive.
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

    #[on_router(MessageType::Events)]
    fn on_events(&mut self, events: Events) {}
}

fn main() {}

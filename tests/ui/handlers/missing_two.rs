//! Each message that nobody handles is named, with code to paste.
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
}

fn main() {}

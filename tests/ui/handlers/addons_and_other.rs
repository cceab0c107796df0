//! Two takers for kinds that the spec does not name.
#![allow(unused)]
use noob_zmq::actor::Pull;
use noob_zmq::wire::{MessageType, Ping, RawMessage};
use noob_zmq::{Sockets, handlers};

#[derive(Sockets)]
struct OwnSockets {
    #[bind]
    #[recv(Ping)]
    inbox: Pull,
}

struct Own;

#[handlers(OwnSockets, addons, other = on_other)]
impl Own {
    #[on_inbox(MessageType::Ping)]
    fn on_ping(&mut self, _ping: Ping) {}

    fn on_other(&mut self, _message: RawMessage) {}
}

fn main() {}

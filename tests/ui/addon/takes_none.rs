//! An actor that takes no add-ons.
use noob_zmq::actor::Pull;
use noob_zmq::wire::{MessageType, Ping, RawMessage};
use noob_zmq::{Sockets, addon, handlers};

#[derive(Sockets)]
struct OwnSockets {
    #[bind]
    #[recv(Ping)]
    inbox: Pull,
}

struct Own;

#[handlers(OwnSockets)]
impl Own {
    #[on_inbox(MessageType::Ping)]
    fn on_ping(&mut self, _ping: Ping) {}
}

#[addon(Own, on_inbox = "heartbeat")]
fn on_heartbeat(_own: &mut Own, _message: RawMessage) {}

fn main() {}

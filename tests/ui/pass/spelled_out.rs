//! The long form of a handler attribute, and a custom path to the library.
#![allow(dead_code)]
mod shelf {
    pub use ::noob_zmq as zmq;
}

use shelf::zmq::actor::Sub;
use shelf::zmq::wire::{MessageType, Ping};

#[derive(shelf::zmq::Sockets)]
#[sockets(crate = shelf::zmq)]
struct MySockets {
    #[connect]
    #[recv(Ping)]
    r#in: Sub,
    #[connect]
    #[recv(Ping)]
    on: Sub,
}

struct Mine;

#[shelf::zmq::handlers(MySockets, crate = shelf::zmq)]
impl Mine {
    #[noob_zmq::on(r#in, MessageType::Ping)]
    #[on_on(MessageType::Ping)]
    fn ping(&mut self, _: Ping) {}
}

#[test]
fn runs() {
    assert_eq!(MySockets::IN.name(), "in");
    let _ = Mine;
}

//! Handlers for a spec of another crate.
#![allow(dead_code)]
use noob_zmq::wire::{MessageType, Ping, Subscription};
use noob_zmq_tests::remote::{self, RemoteSockets as Renamed};

struct Here;

#[noob_zmq::handlers(Renamed)]
impl Here {
    #[on_outbox(Subscription)]
    fn subscription(&mut self, _: Subscription) {}

    #[on_inbox(MessageType::Ping)]
    fn ping(&mut self, _: Ping) {}
}

struct There;

#[noob_zmq::handlers(remote::RemoteSockets)]
impl There {
    #[on_outbox(Subscription)]
    fn subscription(&mut self, _: Subscription) {}

    #[on_inbox(MessageType::Ping)]
    fn ping(&mut self, _: Ping) {}
}

#[test]
fn runs() {
    assert_eq!(Renamed::OUTBOX.name(), "outbox");
    let _ = (Here, There);
}

//! A spec and its handlers inside a function body, and the handlers before their spec.
#![allow(dead_code)]
use noob_zmq::actor::{Actor, Sub};
use noob_zmq::wire::{Events, MessageType};

struct Before;

#[noob_zmq::handlers(LaterSockets)]
impl Before {
    #[on_inbox(MessageType::Events)]
    fn event(&mut self, _: Events) {}
}

#[derive(noob_zmq::Sockets)]
struct LaterSockets {
    #[connect]
    #[recv(Events)]
    inbox: Sub,
}

fn is_actor<A: Actor>(_: &A) {}

#[test]
fn runs() {
    #[derive(noob_zmq::Sockets)]
    struct LocalSockets {
        #[connect]
        #[recv(Events)]
        inbox: Sub,
    }

    struct Local;

    #[noob_zmq::handlers(LocalSockets)]
    impl Local {
        #[on_inbox(MessageType::Events)]
        fn event(&mut self, _: Events) {}
    }

    is_actor(&Before);
    is_actor(&Local);
}

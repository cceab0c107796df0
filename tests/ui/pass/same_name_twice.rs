//! Two specs of one name in two modules, both public.
#![allow(dead_code)]
pub mod one {
    use noob_zmq::actor::Sub;
    use noob_zmq::wire::Ping;
    #[derive(noob_zmq::Sockets)]
    pub struct MySockets {
        #[connect]
        #[recv(Ping)]
        pub inbox: Sub,
    }
}

pub mod two {
    use noob_zmq::actor::Sub;
    use noob_zmq::wire::Stop;
    #[derive(noob_zmq::Sockets)]
    pub struct MySockets {
        #[connect]
        #[recv(Stop)]
        pub inbox: Sub,
    }
}

use noob_zmq::wire::{MessageType, Ping, Stop};

struct One;

#[noob_zmq::handlers(one::MySockets)]
impl One {
    #[on_inbox(MessageType::Ping)]
    fn ping(&mut self, _: Ping) {}
}

struct Two;

#[noob_zmq::handlers(two::MySockets)]
impl Two {
    #[on_inbox(MessageType::Stop)]
    fn stop(&mut self, _: Stop) {}
}

#[test]
fn runs() {
    let _ = (One, Two);
}

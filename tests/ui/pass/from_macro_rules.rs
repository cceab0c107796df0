//! A spec and its handlers that come out of a `macro_rules!` macro.
#![allow(dead_code)]
use noob_zmq::actor::Sub;
use noob_zmq::wire::{MessageType, Ping};

macro_rules! listener {
    ($sockets:ident, $actor:ident, $message:ident) => {
        #[derive(noob_zmq::Sockets)]
        struct $sockets {
            #[connect]
            #[recv($message)]
            inbox: Sub,
        }

        struct $actor;

        #[noob_zmq::handlers($sockets)]
        impl $actor {
            #[on_inbox(MessageType::$message)]
            fn on_message(&mut self, message: $message) {
                let _ = message;
            }
        }
    };
}

listener!(OneSockets, One, Ping);
listener!(TwoSockets, Two, Ping);

#[test]
fn runs() {
    let _ = (One, Two);
}

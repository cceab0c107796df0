//! A spec under another name, and by its full path; socket types under other names.
#![allow(dead_code)]
use noob_zmq::actor::{Router as Front, Sub as Ears};
use noob_zmq::wire::{Events, Identify, MessageType};
use noob_zmq::{Sockets as Spec, handlers as answers};

pub mod deep {
    pub mod deeper {
        #[derive(super::super::Spec)]
        pub struct FarSockets {
            #[bind]
            #[recv(super::super::Identify)]
            pub front: super::super::Front,
        }
    }
}

use deep::deeper::FarSockets as Near;

struct One;

#[answers(Near)]
impl One {
    #[on_front(MessageType::Identify)]
    fn identify(&mut self, _: Identify) {}
}

struct Two;

#[noob_zmq::handlers(deep::deeper::FarSockets)]
impl Two {
    #[on_front(MessageType::Identify)]
    fn identify(&mut self, _: Identify) {}
}

#[derive(Spec)]
struct EarSockets {
    #[connect]
    #[recv(Events)]
    ears: Ears,
}

struct Three;

#[answers(EarSockets)]
impl Three {
    #[on_ears(MessageType::Events)]
    fn event(&mut self, _: Events) {}
}

fn is_actor<A: noob_zmq::actor::Actor>(_: &A) {}

#[test]
fn runs() {
    is_actor(&One);
    is_actor(&Two);
    is_actor(&Three);
}

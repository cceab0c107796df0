//! A message is at least as visible as the spec that receives it.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

mod inner {
    #[derive(Debug)]
    struct Hidden;

    #[derive(noob_zmq::Sockets)]
    pub struct MySockets {
        #[connect]
        #[recv(Hidden)]
        pub inbox: noob_zmq::actor::Sub,
    }
}

fn main() {}

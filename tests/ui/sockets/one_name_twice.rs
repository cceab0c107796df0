//! A spec that contains another cannot have a socket of the same name.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct InnerSockets {
    #[connect]
    #[recv(Ping)]
    inbox: Sub,
}

#[derive(Sockets)]
struct OuterSockets {
    #[sockets]
    inner: InnerSockets,
    #[connect]
    #[recv(Announce)]
    inbox: Sub,
}

fn main() {}

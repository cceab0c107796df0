//! A contained spec says itself what its sockets do.
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
    #[bind]
    inner: InnerSockets,
}

fn main() {}

//! Kinds that ZeroMQ does not link.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct OneSockets {
    #[bind]
    #[send(Ping)]
    #[peer(OtherSockets::ASK)]
    outbox: XPub<Self>,
}

#[derive(Sockets)]
struct OtherSockets {
    #[connect]
    #[recv(Ping)]
    ask: Dealer,
}

fn main() {}

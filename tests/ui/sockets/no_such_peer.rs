//! A peer that is not there.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct OneSockets {
    #[bind]
    #[send(Ping)]
    #[peer(OtherSockets::INBX)]
    outbox: Pub<Self>,
}

#[derive(Sockets)]
struct OtherSockets {
    #[connect]
    #[recv(Ping)]
    inbox: Sub,
}

fn main() {}

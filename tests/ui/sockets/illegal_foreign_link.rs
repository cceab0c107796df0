//! A foreign peer is held to the same rules.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct MySockets {
    #[bind]
    #[send(Ping)]
    #[peer(kind = Pull)]
    answers: Rep<Self>,
}

fn main() {}

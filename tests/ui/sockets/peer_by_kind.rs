//! The kind of a foreign peer has its own form.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct MySockets {
    #[bind]
    #[send(Ping)]
    #[peer(Sub)]
    outbox: Pub<Self>,
}

fn main() {}

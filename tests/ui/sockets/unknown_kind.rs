//! A kind of socket that does not exist.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct MySockets {
    #[bind]
    #[send(Ping)]
    #[peer(kind = Sbu)]
    outbox: Pub<Self>,
}

fn main() {}

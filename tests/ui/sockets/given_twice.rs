//! An attribute that is given twice.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct MySockets {
    #[bind]
    #[recv(Ping)]
    #[recv(Announce)]
    inbox: Sub,
}

fn main() {}

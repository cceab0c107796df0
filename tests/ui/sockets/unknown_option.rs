//! An option that does not exist.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
#[sockets(pth = "command")]
struct MySockets {
    #[connect]
    #[recv(Ping)]
    inbox: Sub,
}

fn main() {}

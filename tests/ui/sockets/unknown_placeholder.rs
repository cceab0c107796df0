//! Only the id can be filled in.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
#[sockets(path = "nodes/{node}", identity = "{id")]
struct MySockets {
    #[bind("{runner}/inbox")]
    #[recv(Ping)]
    inbox: Sub,
}

fn main() {}

//! A path stays below the directory of its runner.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
#[sockets(path = "/tmp/mine")]
struct MySockets {
    #[bind("../inbox")]
    #[recv(Ping)]
    inbox: Sub,
}

fn main() {}

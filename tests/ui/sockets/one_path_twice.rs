//! Two sockets cannot bind one file.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
#[sockets(path = "worker")]
struct MySockets {
    #[bind("worker/inbox")]
    #[recv(Ping)]
    router: Router,
    #[bind]
    #[recv(Ping)]
    inbox: Pull,
}

fn main() {}

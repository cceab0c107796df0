//! A renamed type is still what it is.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

use noob_zmq::actor::Pub as Publisher;

#[derive(Sockets)]
struct MySockets {
    #[bind]
    #[recv(Ping)]
    outbox: Publisher,
}

fn main() {}

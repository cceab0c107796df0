//! A message is known by its name, once on a socket.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

mod other {
    pub use noob_zmq::wire::Announce as Ping;
}

#[derive(Sockets)]
struct MySockets {
    #[connect]
    #[recv(Ping, other::Ping)]
    inbox: Sub,
}

fn main() {}

//! Two names that would become one.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct MySockets {
    #[connect]
    #[recv(Ping as BigPing)]
    inbox: Sub,
    #[connect]
    #[recv(Ping)]
    inbox_big: Sub,
}

fn main() {}

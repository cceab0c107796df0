//! Four mistakes are four errors, and nothing else.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
#[sockets(name = "command")]
struct MySockets {
    #[bind]
    #[connect]
    #[recv(Ping)]
    inbox: Sub,
    #[bind]
    #[recv(Ping)]
    outbox: Pub,
    #[send(Status)]
    dealer: Dealer<Self>,
}

fn main() {}

//! A message that its peer does not receive.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct OneSockets {
    #[bind]
    #[send(Announce, Ping)]
    #[peer(OtherSockets::INBOX)]
    outbox: Pub<Self>,
}

#[derive(Sockets)]
struct OtherSockets {
    #[connect]
    #[recv(Announce)]
    #[peer(OneSockets::OUTBOX)]
    inbox: Sub,
}

fn main() {}

//! A peer is named by its constant.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Sockets)]
struct OneSockets {
    #[bind]
    #[send(Ping)]
    #[peer(OneSockets::inbox)]
    outbox: Pub<Self>,
    #[connect]
    #[recv(Ping)]
    inbox: Sub,
}

fn main() {}

//! An arriving type that is no message.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

#[derive(Debug)]
struct Reading(f64);

#[derive(Sockets)]
struct MySockets {
    #[connect]
    #[recv(Reading)]
    inbox: Sub,
}

fn main() {}

//! A contained spec must be one.
#![allow(unused)]
use noob_zmq::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};
use noob_zmq::wire::{Announce, Events, Identify, Ping, Status, Subscription};
use noob_zmq::Sockets;

struct Plain;

#[derive(Sockets)]
struct OuterSockets {
    #[sockets]
    inner: Plain,
}

fn main() {}

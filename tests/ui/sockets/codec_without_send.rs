//! A codec on a socket that sends nothing.
#![allow(unused)]
use noob_zmq::Sockets;
use noob_zmq::actor::Sub;
use noob_zmq::wire::Ping;

#[derive(Sockets)]
struct MySockets {
    #[connect]
    #[recv(Ping)]
    #[codec(json)]
    inbox: Sub,
}

fn main() {}

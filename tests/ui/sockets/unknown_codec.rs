//! A codec that does not exist.
#![allow(unused)]
use noob_zmq::Sockets;
use noob_zmq::actor::Pub;
use noob_zmq::wire::Ping;

#[derive(Sockets)]
struct MySockets {
    #[bind]
    #[send(Ping)]
    #[codec(jsn)]
    progress: Pub<Self>,
}

fn main() {}

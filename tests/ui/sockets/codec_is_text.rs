//! The name of a codec in quotes.
#![allow(unused)]
use noob_zmq::Sockets;
use noob_zmq::actor::Pub;
use noob_zmq::wire::Ping;

#[derive(Sockets)]
struct MySockets {
    #[bind]
    #[send(Ping)]
    #[codec("json")]
    progress: Pub<Self>,
}

fn main() {}

//! The type of a socket that sends names its spec.
#![allow(unused)]
use noob_zmq::Sockets;
use noob_zmq::actor::Push;
use noob_zmq::wire::Ping;

#[derive(Sockets)]
struct ProbeSockets {
    #[connect("pings")]
    #[send(Ping)]
    outbox: Push,
}

fn main() {}

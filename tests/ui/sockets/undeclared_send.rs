//! A message is sent that the spec does not declare.
#![allow(unused)]
use noob_zmq::Sockets;
use noob_zmq::actor::{ActorError, Push};
use noob_zmq::wire::{Ping, Stop};

#[derive(Sockets)]
struct ProbeSockets {
    #[connect("pings")]
    #[send(Ping)]
    outbox: Push<Self>,
}

fn probe(sockets: &ProbeSockets, kept: &Push) -> Result<(), ActorError> {
    sockets.outbox.send(&Ping)?;
    kept.send(&Ping)?;
    sockets.outbox.send(&Stop)
}

fn main() {}

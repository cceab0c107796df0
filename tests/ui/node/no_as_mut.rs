//! A custom command node says where the command node is that it wraps.
#![allow(unused)]
use noob_zmq::handlers;
use noob_zmq::graph::Tube;
use noob_zmq::runner::ZmqRunner;
use noob_zmq::runner::zmq::{CommandNode, CommandSockets};

struct Watch {
    inner: CommandNode,
}

#[handlers(CommandSockets, delegate = inner)]
impl Watch {}

fn run(tube: Tube) {
    ZmqRunner::with_command(tube, |command, sockets: CommandSockets| Watch {
        inner: command.attach(sockets),
    });
}

fn main() {}

//! A function that takes no sockets makes no node runner.
#![allow(unused)]
use noob_zmq::runner::zmq::Detached;

struct Timed;

impl Timed {
    fn new(inner: Detached) -> Self {
        Self
    }
}

#[noob_zmq::main(node_runner = Timed::new)]
fn main() {}

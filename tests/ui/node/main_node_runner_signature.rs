//! A function that takes no sockets makes no node runner.
#![allow(unused)]
use noob_zmq::runner::zmq::StandaloneNode;

struct Timed;

impl Timed {
    fn new(inner: StandaloneNode) -> Self {
        Self
    }
}

#[noob_zmq::main(node_runner = Timed::new)]
fn main() {}

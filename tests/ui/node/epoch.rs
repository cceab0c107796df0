//! An epoch where there is none, with a slot of its own, and of somebody else.
#![allow(unused)]
use noob_zmq::graph::Epoch;
use noob_zmq::node::EventMap;

#[noob_zmq::node]
fn source(epoch: Epoch, limit: u64) -> impl Iterator<Item = u64> {
    0..limit
}

struct Sum(i64);

#[noob_zmq::node]
impl Sum {
    fn new(events: &EventMap) -> Self {
        Self(0)
    }

    #[process]
    fn sum(&mut self, number: i64, #[slot(default)] epoch: &Epoch) -> i64 {
        self.0 += number;
        self.0
    }
}

mod geology {
    pub struct Epoch;
}

#[noob_zmq::node]
fn layer(depth: i64, epoch: geology::Epoch) {}

fn main() {}

//! Attributes of a block that stand outside one, and in places where they mean nothing.
#![allow(unused)]

struct Sum(i64);

impl Sum {
    #[process]
    fn sum(&mut self, number: i64) -> i64 {
        self.0 + number
    }
}

#[noob_zmq::node]
#[process]
fn add(left: i64, right: i64) -> i64 {
    left + right
}

#[noob_zmq::node]
#[init]
fn open(path: String) {}

struct Volume;

#[noob_zmq::node]
impl Volume {
    fn new() -> Self {
        Self
    }

    #[process]
    fn volume(&self, width: i64) -> i64 {
        width
    }

    fn helper(&self, #[slot(default = 2)] depth: i64) -> i64 {
        depth
    }
}

fn main() {}

#![allow(unused)]
use noob_zmq::node;

struct Volume;

#[node]
impl Volume {
    fn process(&mut self, width: i64) -> i64 {
        width
    }
}

struct Nothing;

#[node]
impl Nothing {}

fn main() {}

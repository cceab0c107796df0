#![allow(unused)]
use noob_zmq::node;

#[node]
struct Volume {
    height: i64,
}

trait Process {
    fn process(&mut self);
}

#[node]
impl Process for Volume {
    fn process(&mut self) {}
}

fn main() {}

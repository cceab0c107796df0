#![allow(unused)]
use noob_zmq::node;

struct Volume;

impl Volume {
    #[node]
    fn volume(&self, width: i64) -> i64 {
        width
    }
}

fn main() {}

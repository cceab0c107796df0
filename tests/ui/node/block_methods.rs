#![allow(unused)]
use noob_zmq::node;

struct Volume;

#[node]
impl Volume {
    fn new(height: i64) -> i64 {
        height
    }

    #[process]
    fn volume(self, width: i64) -> i64 {
        width
    }

    #[process]
    fn area(&mut self, width: i64) -> i64 {
        width
    }

    #[init]
    fn open(&mut self, path: String) {}

    #[deinit]
    fn close() -> i64 {
        0
    }
}

fn main() {}

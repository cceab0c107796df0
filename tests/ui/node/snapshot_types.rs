#![allow(unused)]
use noob_zmq::node;

struct Twice;

#[node]
impl Twice {
    fn new() -> Self {
        Twice
    }

    #[process]
    fn call(&mut self, width: i64) -> i64 {
        width
    }

    #[snapshot]
    fn save(&self) -> (i64, u8) {
        (0, 0)
    }

    #[restore]
    fn load(&mut self, state: Vec<i64>) {}
}

struct Secret;

struct Handle;

#[node]
impl Secret {
    fn new() -> Self {
        Secret
    }

    #[process]
    fn call(&mut self, width: i64) -> i64 {
        width
    }

    #[snapshot]
    fn save(&self) -> Handle {
        Handle
    }

    #[restore]
    fn load(&mut self, state: Handle) {}
}

fn main() {}

//! An object is closed once, by a method of its block.

use noob_zmq::asset;

struct Log;

#[asset(local)]
impl Log {
    fn new() -> Self {
        Self
    }

    #[close]
    fn finish(&mut self) {}

    #[close]
    fn flush(&mut self) {}
}

#[asset]
#[close]
fn counter() -> u64 {
    0
}

fn main() {}

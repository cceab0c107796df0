//! A block makes its object by `fn new`.

use noob_zmq::asset;

struct Log;

#[asset]
impl Log {
    fn open() -> Self {
        Self
    }
}

fn main() {}

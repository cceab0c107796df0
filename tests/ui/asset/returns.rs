//! The object has a type with a name, which nodes write in `Asset<T>`.

use noob_zmq::asset;

#[asset]
fn numbers() -> impl Iterator<Item = u64> {
    0..
}

#[asset]
fn nothing() {}

struct Log;

#[asset(local)]
impl Log {
    fn new() -> String {
        String::new()
    }
}

fn main() {}

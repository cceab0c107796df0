//! A struct makes nothing: the function or the `impl` block does.

use noob_zmq::asset;

#[asset]
struct Log {
    lines: Vec<String>,
}

fn main() {}

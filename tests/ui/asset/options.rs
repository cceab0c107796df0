//! Options of `#[asset(..)]`.

use noob_zmq::asset;

#[asset(name = "plain", stateful, locl)]
fn counter() -> u64 {
    0
}

fn main() {}

//! An object that travels between processes is written down; one that cannot be stays where it is.

use noob_zmq::asset;

struct Connection {
    open: bool,
}

#[asset]
fn connection() -> Connection {
    Connection { open: true }
}

fn main() {}

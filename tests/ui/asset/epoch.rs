//! An asset is made before there is an epoch.

use noob_zmq::asset;
use noob_zmq::graph::Epoch;

#[asset]
fn since(epoch: Epoch) -> u32 {
    epoch.number()
}

fn main() {}

//! Two nodes of one's own, a tube, and a runner that gives each node a process.

use std::error::Error;

use noob_zmq::graph::Map;
use noob_zmq::runner::{Runner, ZmqRunner};

/// Counts from 0 up to, and without, `limit`.
#[noob_zmq::node(signal = "index")]
fn count(limit: u64) -> impl Iterator<Item = u64> {
    0..limit
}

/// `left` times `right`.
#[noob_zmq::node]
fn multiply(left: u64, #[slot(default = 2)] right: u64) -> u64 {
    left * right
}

#[noob_zmq::main]
fn main() -> Result<(), Box<dyn Error>> {
    let tube = noob_zmq::tube::load("examples/multiply.yaml", &Map::new())?;
    let mut runner = ZmqRunner::new(tube);
    for value in runner.run(5)? {
        println!("{value}");
    }
    Ok(())
}

//! Two custom nodes, a tube, and a runner that gives each node a process.

use std::error::Error;

use noob_zmq::prelude::*;

/// Counts from 0 up to, and without, `limit`.
#[node(signal = "index")]
fn count(limit: u64) -> impl Iterator<Item = u64> {
    0..limit
}

/// Multiplies `left` by `right`.
#[node]
fn multiply(left: u64, #[slot(default = 2)] right: u64) -> u64 {
    left * right
}

#[noob_zmq::main]
fn main() -> Result<(), Box<dyn Error>> {
    let tube = tube::load("examples/multiply.yaml", ())?;
    let mut runner = ZmqRunner::new(tube);
    for value in runner.run(5)? {
        println!("{value}");
    }
    Ok(())
}

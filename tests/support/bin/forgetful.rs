//! A program whose `main` forgets that it may have been started as a node.

use noob_zmq::graph::Map;
use noob_zmq::runner::{Runner, ZmqRunner};
use noob_zmq_tests as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a tube")?;
    let tube = noob_zmq::tube::load(path, &Map::new())?;
    let mut runner = ZmqRunner::new(tube);
    let outcome = runner.init();
    if let Err(error) = &outcome {
        eprintln!("{error}");
    }
    Ok(outcome?)
}

//! A run whose nodes are asked for signs of life, by an add-on from a crate of its own (`heartbeat/`).

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use noob_zmq::prelude::*;

#[noob_zmq::main]
fn main() -> Result<(), Box<dyn Error>> {
    let tube = tube::load("examples/words.yaml", ())?;
    let mut runner = ZmqRunner::new(tube);
    runner.init()?;
    let handle = runner.handle().ok_or("it runs")?;
    let beats = noob_zmq_heartbeat::beats(handle, Duration::from_millis(10));
    for value in runner.run_all()? {
        println!("{value}");
    }
    // A node that is in the middle of a call answers all the same; here all calls are over, and the processes are still there.
    let mut well = BTreeSet::new();
    while well.len() < runner.processes().len() {
        well.insert(beats.recv_timeout(Duration::from_secs(5))?.node);
    }
    let names: Vec<String> = well.into_iter().collect();
    println!("{} are well", names.join(", "));
    Ok(())
}

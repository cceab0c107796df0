//! Asks the nodes of a run for heartbeats, by an add-on from another crate (`heartbeat/`).

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
    // A node answers during a call too; here all calls are done, and the processes still run.
    let mut well = BTreeSet::new();
    while well.len() < runner.processes().len() {
        well.insert(beats.recv_timeout(Duration::from_secs(5))?.node);
    }
    let names: Vec<String> = well.into_iter().collect();
    println!("{} are well", names.join(", "));
    Ok(())
}

//! A program of one's own that runs a tube of three nodes, one of which fails in one epoch, and
//! prints the values and then the status of the run.

use std::error::Error;

use noob_zmq::graph::Map;
use noob_zmq::prelude::*;

// Nodes register themselves; this brings them into the program.
noob_zmq::plugins![noob_zmq_tests];

const TUBE: &str = "
noob_id: traced
nodes:
  count: {type: test.count}
  double: {type: test.double, depends: [{value: count.index}]}
  check: {type: test.fail_at, params: {at: 6}, depends: [{value: double.value}]}
  return: {type: return, depends: check.value}
";

/// Tube with a tube inside.
const OUTER: &str = "
noob_id: traced
nodes:
  inner: {type: tube, params: {tube: {noob_id: inner, nodes: {
    count: {type: test.count},
    return: {type: return, depends: count.index}}}}}
  return: {type: return, depends: inner.value}
";

#[noob_zmq::main]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, directory, epochs] = arguments.as_slice() else {
        return Err("the arguments are RUNNER DIRECTORY EPOCHS".into());
    };
    let text = if kind == "nested" { OUTER } else { TUBE };
    let tube = tube::from_text("traced.yaml", text, ())?;
    let mut runner: Box<dyn Runner> = match kind.as_str() {
        "sync" => Box::new(SyncRunner::new(tube)?),
        "task" => Box::new(TaskRunner::new(tube)?),
        _ => Box::new(ZmqRunner::builder(tube).runtime_dir(directory).build()),
    };
    for _ in 0..epochs.parse::<u32>()? {
        match runner.process_map(Map::new()) {
            Ok(value) => println!("{}", serde_json::to_string(&value)?),
            Err(_) => println!("failed"),
        }
    }
    runner.deinit()?;
    println!("{}", serde_json::to_string(&runner.watcher().status())?);
    Ok(())
}

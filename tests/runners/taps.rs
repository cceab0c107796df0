//! Taps of signals, over every runner.

use std::time::Duration;

use noob_zmq::graph::{Epoch, Value};
use noob_zmq::prelude::*;
use noob_zmq::runner::{Sample, Tap, TapEnded};
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::{each, tube, zmq};
use rustix::process::{Pid, Signal, kill_process};

const SOON: Duration = Duration::from_secs(20);

const CHAIN: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}], restart: always}
  last: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: last.value}
";

fn next(tap: &Tap) -> Sample {
    let sample = tap.next_within(SOON).expect("the run goes on");
    sample.expect("a sample, soon")
}

#[test]
fn tap_samples_a_signal_that_the_runner_does_not_use() {
    each(CHAIN, |runner| {
        // Opened before the run is started: it holds for the run.
        let tap = runner.watcher().tap("twice.value").unwrap();
        runner.run(30).unwrap();
        for epoch in 0..30 {
            let sample = next(&tap);
            assert_eq!((&*sample.node, &*sample.signal), ("twice", "value"));
            let value = Value::Int(2 * i64::from(epoch));
            assert_eq!((sample.value, sample.epoch), (value, Epoch::root(epoch)));
            assert_eq!(sample.skipped, 0);
        }
        assert_eq!(tap.next_within(Duration::ZERO), Ok(None));
        let error = runner.watcher().tap("twice.valu").unwrap_err().to_string();
        assert_eq!(
            error,
            "the tube has no signal `twice.valu`; its signals are `count.index`, `twice.value`, \
             `last.value`"
        );
        runner.deinit().unwrap();
        assert_eq!(tap.next_within(Duration::ZERO), Err(TapEnded));
    });
}

#[test]
fn tap_goes_on_after_a_restart_of_its_node() {
    let mut private = zmq(tube(CHAIN));
    private.runner.init().unwrap();
    let tap = private.runner.watcher().tap("twice.value").unwrap();
    private.runner.process(()).unwrap();
    assert_eq!(next(&tap).value, Value::Int(0));
    let processes = private.runner.processes();
    let (_, pid) = processes
        .iter()
        .find(|(node, _)| &**node == "twice")
        .unwrap();
    kill_process(Pid::from_raw(*pid as i32).unwrap(), Signal::KILL).unwrap();
    let mut epoch = 0;
    // The new process is told of the tap soon after its start.
    wait_for("a sample of the new process", SOON, || {
        epoch += 1;
        private.runner.process(()).unwrap();
        tap.next_within(Duration::from_millis(300)).unwrap()
    });
}

#[test]
fn log_of_a_node_has_its_last_lines() {
    let text = "
nodes:
  count: {type: test.count}
  loud: {type: test.shout, depends: [{value: count.index}]}
  return: {type: return, depends: loud.value}
";
    let mut private = zmq(tube(text));
    private.runner.run(300).unwrap();
    let watcher = private.runner.watcher();
    let log = wait_for("the last line", SOON, || {
        let log = watcher.log("loud");
        let ends = log.iter().any(|line| line == "stderr of 299");
        (ends && log.iter().any(|line| line == "stdout of 299")).then_some(log)
    });
    assert_eq!(log.len(), 200);
    assert_eq!(watcher.log("count"), Vec::<String>::new());
}

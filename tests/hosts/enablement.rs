//! Nodes on other hosts that are disabled and enabled while the run goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{Runner as _, RunnerExt as _};
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::inputs;

use crate::host_fixture::{PATIENCE, RunningCommand, TestHost};
use crate::in_process_runner::InProcessRunner;
use crate::log_capture;

const TUBE: &str = "
input:
  n: {type: int, scope: process}
nodes:
  twice: {type: test.double, depends: [{value: input.n}]}
  far: {type: test.running_sum, depends: [{value: twice.value}]}
  last: {type: test.double, depends: [{value: far.value}]}
  return: {type: return, depends: last.value}
";

/// Starts a run whose node `far` runs on `lab`; returns the address of the runner too.
fn far(lab: &Arc<TestHost>, others: &[&TestHost]) -> (InProcessRunner, String) {
    let (host, told) = (Arc::clone(lab), Arc::new(Mutex::new(String::new())));
    let telling = Arc::clone(&told);
    let mut beside = InProcessRunner::new(TUBE, &["far"], others, move |desk, at| {
        at.clone_into(&mut telling.lock().unwrap());
        vec![host.host_node("far", at, desk)]
    });
    assert_eq!(process(&mut beside, 1), Some(4));
    let at = told.lock().unwrap().clone();
    (beside, at)
}

fn process(beside: &mut InProcessRunner, n: i64) -> Option<i64> {
    let given: Map = inputs([("n", Value::Int(n))]);
    match beside.runner.process(given).unwrap() {
        None => None,
        Some(Value::Int(value)) => Some(value),
        Some(other) => panic!("{other}"),
    }
}

#[test]
fn remote_node_is_disabled_and_enabled_on_its_host() {
    let lab = Arc::new(TestHost::new("lab", None));
    let (mut beside, _) = far(&lab, &[&lab]);
    assert_eq!(process(&mut beside, 1), Some(8));
    for _ in 0..3 {
        beside.runner.disable_node("far").unwrap();
        assert_eq!(process(&mut beside, 1), None);
        beside.runner.enable_node("far").unwrap();
        // The node starts with a new state.
        assert_eq!(process(&mut beside, 1), Some(4));
        assert_eq!(process(&mut beside, 2), Some(12));
    }
    beside.wait_for_success(&[&lab]);
}

#[test]
fn host_of_a_disabled_node_may_be_replaced() {
    let [lab, roof] = ["lab", "roof"].map(|name| Arc::new(TestHost::new(name, None)));
    let (mut beside, at) = far(&lab, &[&lab, &roof]);
    beside.runner.disable_node("far").unwrap();
    let lost = || log_capture::with("the process of a disabled node has ended").len();
    let before = lost();
    beside.hosts()[0].kill();
    wait_for("the loss of the host", PATIENCE, || {
        (lost() > before).then_some(())
    });
    assert_eq!(process(&mut beside, 1), None);
    let mut early = roof.host_node("far", &at, &beside.desk);
    early.wait_for_stderr("the node `far` is disabled in this run; join for it when it is enabled");
    assert_eq!(early.end().code(), Some(1));
    assert_eq!(process(&mut beside, 1), None);

    let (desk, enabled) = (Arc::clone(&beside.desk), AtomicBool::new(false));
    let mut second = std::thread::scope(|scope| {
        let joining = scope.spawn(|| join_once_enabled(&roof, &at, &desk, &enabled));
        beside.runner.enable_node("far").unwrap();
        enabled.store(true, Ordering::Relaxed);
        joining.join().unwrap()
    });
    assert_eq!(process(&mut beside, 3), Some(12));
    assert_eq!(process(&mut beside, 1), Some(16));
    beside.runner.disable_node("far").unwrap();
    assert_eq!(process(&mut beside, 1), None);
    beside.runner.enable_node("far").unwrap();
    assert_eq!(process(&mut beside, 1), Some(4));
    beside.runner.deinit().unwrap();
    second.wait_for_success();
    roof.assert_clean();
}

/// Hosts `far`, with one attempt after the other while the node is disabled.
fn join_once_enabled(
    roof: &TestHost,
    at: &str,
    desk: &TestHost,
    enabled: &AtomicBool,
) -> RunningCommand {
    loop {
        let host = roof.host_node("far", at, desk);
        let joined = wait_for("an answer to a host", PATIENCE, || {
            let refused = host.stderr().contains("is disabled");
            (refused || enabled.load(Ordering::Relaxed)).then_some(!refused)
        });
        if joined {
            return host;
        }
    }
}

//! The status of a run: numbers of each node, over every runner.

use std::time::Duration;

use noob_zmq::graph::Value;
use noob_zmq::prelude::*;
use noob_zmq::runner::{RunStatus, RunnerState};
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::{each, tube, zmq};
use rustix::process::{Pid, Signal, kill_process};

const SOON: Duration = Duration::from_secs(20);

const SLOW_AND_FAILING: &str = "
nodes:
  count: {type: test.count}
  frames: {type: test.fail_at, params: {at: 2}, depends: [{value: count.index}]}
  slow: {type: test.slow, params: {ms: 3}, depends: [{value: frames.value}]}
  return: {type: return, depends: slow.value}
";

fn names(status: &RunStatus) -> Vec<&str> {
    status.nodes.iter().map(|node| &*node.node).collect()
}

#[test]
fn status_names_the_failed_node_and_the_slow_one() {
    each(SLOW_AND_FAILING, |runner| {
        let watcher = runner.watcher();
        let idle = watcher.status();
        assert_eq!(idle.state, RunnerState::Idle);
        assert_eq!(names(&idle), ["count", "frames", "slow"]);
        let status = wait_for("a status that shows both", SOON, || {
            // Epoch 2 fails.
            let _ = runner.process(());
            let status = watcher.status();
            let slowest = status.slowest()?;
            let failed = status.node("frames")?.failed;
            let shown = &*slowest.node == "slow" && failed == 1 && slowest.calls > 2;
            // Two processes tell their counts, each in its own time.
            let edge = status.edges.get(1)?.traffic;
            let agrees = edge.events_per_second > 0.0 && edge.events >= slowest.calls;
            (shown && agrees).then_some(status)
        });
        assert_eq!(status.state, RunnerState::Running);
        assert_eq!((status.epochs.failed, status.cause.as_ref()), (1, None));
        assert!(status.epochs.done >= 2, "{:?}", status.epochs);
        let error = status.node("frames").unwrap().last_error.as_ref().unwrap();
        assert!(error.contains("the frame is refused"), "{error}");
        let slow = status.node("slow").unwrap();
        let took = slow.call_time.unwrap();
        assert!(took.p50 >= 0.0028 && took.p99 >= took.p50 && took.max >= took.p99);
        assert!(slow.load > 0.0 && slow.load <= 1.0 && slow.calls_per_second > 0.0);
        assert!(slow.received.events >= slow.calls && slow.received.bytes > 0);
        let edges = status.edges.iter();
        let ends: Vec<_> = edges.map(|edge| (&*edge.source, &*edge.target)).collect();
        let chain = [("count", "frames"), ("frames", "slow"), ("slow", "return")];
        assert_eq!(ends, chain);
        assert!(status.memory.is_some_and(|bytes| bytes > 100_000));
        let json = serde_json::to_string(&status).unwrap();
        assert_eq!(serde_json::from_str::<RunStatus>(&json).unwrap(), status);

        runner.deinit().unwrap();
        let closed = watcher.status();
        assert_eq!(closed.state, RunnerState::Closed);
        assert!(closed.epochs.done >= status.epochs.done);
        assert!(closed.nodes.iter().all(|node| node.calls_per_second == 0.0));
    });
}

#[test]
fn status_of_a_busy_runner_shows_the_node_that_lags() {
    let text = "
nodes:
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 40}, depends: [{value: count.index}]}
  return: {type: return, depends: slow.value}
";
    each(text, |runner| {
        runner.init().unwrap();
        // The synchronous runner has one open epoch, and nothing in it is behind.
        let several = runner.status().runner != "sync";
        let (watcher, stopper) = (runner.watcher(), runner.stopper());
        std::thread::scope(|threads| {
            let shown = threads.spawn(move || {
                wait_for("a node that is behind", SOON, || {
                    let status = watcher.status();
                    let slow = status.node("slow")?;
                    let lag = slow.lag.unwrap_or_default();
                    let behind = !several || lag.epochs > 8 && lag.seconds > 0.1 && slow.queue > 4;
                    let shown = behind && slow.busy.is_some() && slow.load > 0.5;
                    shown.then(|| stopper.stop())
                });
            });
            runner.run(400).unwrap();
            shown.join().unwrap();
        });
    });
}

#[test]
fn status_counts_dropped_events_by_edge() {
    let text = "
nodes:
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 10}, depends: [{value: {from: count.index, policy: latest}}]}
  return: {type: return, depends: slow.value}
";
    let mut private = zmq(tube(text));
    private.runner.run(60).unwrap();
    wait_for("the edge that drops", SOON, || {
        let status = private.runner.status();
        let edge = &status.edges[0];
        assert_eq!(edge.policy, "latest");
        let slow = status.node("slow")?;
        let all = edge.dropped > 0 && edge.dropped + slow.calls == 60;
        (all && status.dropped() == edge.dropped).then_some(())
    });
}

#[test]
fn status_names_the_node_that_was_restarted() {
    let text = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}], restart: always}
  return: {type: return, depends: twice.value}
";
    let mut private = zmq(tube(text));
    assert_eq!(private.runner.process(()).unwrap(), Some(Value::Int(0)));
    let before = private.runner.status();
    assert_eq!(before.run.as_deref(), private.runner.runner_id());
    let pid = before.node("twice").unwrap().pid.unwrap();
    kill_process(Pid::from_raw(pid as i32).unwrap(), Signal::KILL).unwrap();
    let status = wait_for("the restart", SOON, || {
        let status = private.runner.status();
        let node = status.node("twice")?;
        let again = node.pid.is_some_and(|again| again != pid) && node.heard.is_some();
        (again && node.memory.is_some()).then_some(status)
    });
    assert_eq!(private.runner.process(()).unwrap(), Some(Value::Int(2)));
    let node = status.node("twice").unwrap();
    assert_eq!((node.restarts, status.restarts), (1, 1));
    let error = node.last_error.as_ref().unwrap();
    assert!(error.contains("signal 9"), "{error}");
    assert_eq!(status.node("count").unwrap().restarts, 0);
}

//! Checkpoints: the state with which a restarted node continues.

use std::ops::ControlFlow;

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{Runner, RunnerExt};
use noob_zmq_tests::runners::{inputs, tube, zmq, zmq_with};
use rustix::process::Signal;

use crate::restarts::run_killing;
use crate::{SOON, pid_of, signal, wait_for};

#[test]
fn stateful_node_without_a_checkpoint_is_not_restarted() {
    let text = "
nodes:
  count: {type: test.count}
  sum: {type: test.running_sum, depends: [{value: count.index}], restart: always}
  return: {type: return, depends: sum.value}
";
    let mut private = zmq(tube(text));
    assert_eq!(
        private.runner.process(Map::new()).unwrap(),
        Some(Value::Int(0))
    );
    signal(pid_of(&private, "sum"), Signal::KILL);
    let error = wait_for("the runner to know", SOON, || {
        private.runner.process(Map::new()).err()
    });
    let text = error.to_string();
    assert!(
        text.contains("`sum`") && text.contains("stateful"),
        "{text}"
    );
}

#[test]
fn restarted_nodes_continue_from_their_checkpoints() {
    let text = "
nodes:
  count: {type: noob_zmq.numbers.count, restart: always}
  twice: {type: test.double, depends: [{value: count.value}], restart: always}
  sum: {type: test.kept_sum, depends: [{value: twice.value}], restart: always}
  pairs: {type: gather, params: {n: 2}, depends: [{value: sum.value}], restart: always}
  return: {type: return, depends: [{sum: sum.value}, {pairs: pairs.value}]}
";
    let undisturbed = zmq(tube(text)).runner.run(800).unwrap();
    let mut private = zmq(tube(text));
    let kills = [
        (7, "count"),
        (150, "sum"),
        (151, "pairs"),
        (400, "sum"),
        (401, "count"),
        (600, "twice"),
    ];
    let values = run_killing(&mut private, 800, &kills);
    assert_eq!(values, undisturbed);
    assert_eq!(private.runner.report().restarted, 6);
}

/// The effects of a failed call on the node stay, as they do without a restart.
#[test]
fn checkpoint_includes_the_failed_call() {
    let text = "
nodes:
  count: {type: noob_zmq.numbers.count}
  sum: {type: test.kept_sum, params: {fail_at: 5}, depends: [{value: count.value}], restart: \
    always, on_error: skip}
  return: {type: return, depends: sum.value}
";
    let mut private = zmq(tube(text));
    let seen = run_killing(&mut private, 6, &[(5, "sum")]);
    let more = private.runner.run(4).unwrap();
    let sums = |range: std::ops::Range<i64>| range.map(|n| Value::Int(n * (n + 1) / 2));
    assert_eq!(seen, sums(0..5).collect::<Vec<_>>());
    assert_eq!(more, sums(6..10).collect::<Vec<_>>());
}

#[test]
fn callbacks_receive_no_checkpoints() {
    let text = "
nodes:
  count: {type: noob_zmq.numbers.count, restart: always}
  return: {type: return, depends: count.value}
";
    let mut private = zmq(tube(text));
    let (told, heard) = std::sync::mpsc::channel();
    private.runner.add_callback(Box::new(move |event| {
        let _ = told.send(event.signal.to_string());
    }));
    private.runner.run(3).unwrap();
    let mut signals: Vec<String> = heard.try_iter().collect();
    signals.dedup();
    assert!(
        !signals.is_empty() && signals.iter().all(|signal| !signal.contains("snapshot")),
        "{signals:?}"
    );
}

#[test]
fn stateful_node_below_a_map_continues_from_its_checkpoint() {
    let text = "
nodes:
  count: {type: noob_zmq.numbers.count, params: {start: 1}}
  many: {type: test.range, depends: [{n: count.value}]}
  each: {type: map, depends: [{value: many.value}]}
  sum: {type: test.kept_sum, depends: [{value: each.value}], restart: always}
  all: {type: gather, depends: [{value: sum.value}, {n: each.n}]}
  return: {type: return, depends: all.value}
";
    let undisturbed = zmq(tube(text)).runner.run(30).unwrap();
    // Few at once: what is to be killed must not be through with all of them by then.
    let mut private = zmq_with(tube(text), |builder| builder.window(3));
    let values = run_killing(&mut private, 30, &[(5, "sum"), (6, "sum"), (20, "sum")]);
    assert_eq!(values, undisturbed);
    assert_eq!(private.runner.report().restarted, 3);
}

/// Values that are left over from one list to the next are in no message; better no result than a
/// wrong one.
#[test]
fn values_left_over_in_a_killed_gather_are_no_silent_loss() {
    let text = "
nodes:
  count: {type: noob_zmq.numbers.count}
  many: {type: test.range, depends: [{n: count.value}]}
  each: {type: map, depends: [{value: many.value}]}
  pairs: {type: gather, params: {n: 2}, depends: [{value: each.value}], restart: always}
  return: {type: return, depends: pairs.value}
";
    let few = || zmq_with(tube(text), |builder| builder.window(2));
    let undisturbed = few().runner.run(24).unwrap();
    // Of 3, 5 or 7 items one is left over, and goes into the first list of the epoch after.
    for at in 2..10 {
        let mut private = few();
        private.runner.init().unwrap();
        let id = private.runner.runner_id().unwrap().to_owned();
        let mut values = Vec::new();
        let outcome = private.runner.run_each(24, &mut |value| {
            values.push(value);
            if values.len() == at {
                let gather = noob_zmq_tests::processes::of_run(&id)
                    .into_iter()
                    .find(|(_, line)| line.contains("node pairs "))
                    .expect("the process of the gather");
                signal(gather.0, Signal::KILL);
            }
            ControlFlow::Continue(())
        });
        assert_eq!(values, undisturbed[..values.len()], "killed at {at}");
        match outcome {
            Ok(_) => assert_eq!(values.len(), undisturbed.len(), "killed at {at}"),
            Err(error) => {
                let text = error.to_string();
                assert!(
                    text.contains("`pairs`") && text.contains("left over"),
                    "killed at {at}: {text}"
                );
            }
        }
    }
}

#[test]
fn restarted_gather_has_no_values_of_a_failed_epoch() {
    let text = "
nodes:
  count: {type: test.count}
  all: {type: gather, params: {n: 4}, depends: [{value: count.index}], restart: always}
  no: {type: test.fail_at, params: {at: 2}, depends: [{value: count.index}]}
  return: {type: return, depends: [{all: all.value}, {no: no.value}]}
";
    let mut private = zmq(tube(text));
    let runner = &mut private.runner;
    for _ in 0..2 {
        runner.process(Map::new()).unwrap();
    }
    runner.process(Map::new()).unwrap_err();
    signal(pid_of(&private, "all"), Signal::KILL);
    let runner = &mut private.runner;
    runner.process(Map::new()).unwrap();
    let list = [0, 1, 3, 4].map(Value::Int);
    let returned = inputs([("all", Value::from(list)), ("no", Value::Int(4))]);
    assert_eq!(
        runner.process(Map::new()).unwrap(),
        Some(Value::Map(returned.into()))
    );
    runner.deinit().unwrap();
}

//! Restarts of node processes that end or are stopped.

use std::ops::ControlFlow;

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{Runner, RunnerExt};
use noob_zmq_tests::processes::assert_gone;
use noob_zmq_tests::runners::{Private, inputs, tube, zmq, zmq_with};
use rustix::process::Signal;

use crate::{SOON, death, pid_of, signal, wait_for};

/// Tube whose last node needs the values of a source and of a restarted node.
const DIAMOND: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}], restart: always}
  thrice: {type: test.add, depends: [{left: count.index}, {right: twice.value}], restart: always}
  return: {type: return, depends: thrice.value}
";

/// Runs `n` epochs, and kills the nodes of `kill`, each after its number of values.
pub(crate) fn run_killing(private: &mut Private, n: u64, kill: &[(u64, &str)]) -> Vec<Value> {
    private.runner.init().unwrap();
    let mut values = Vec::new();
    let mut due = kill.iter();
    let mut next = due.next();
    let mut killed = Vec::new();
    // `run_each` borrows the runner: processes are found in the process table.
    let id = private.runner.runner_id().unwrap().to_owned();
    private
        .runner
        .run_each(n, &mut |value| {
            values.push(value);
            if let Some((at, node)) = next
                && values.len() as u64 == *at
            {
                let victim = wait_for("a process to kill", SOON, || {
                    noob_zmq_tests::processes::of_run(&id)
                        .into_iter()
                        .find(|(pid, line)| {
                            !killed.contains(pid) && line.contains(&format!("node {node} "))
                        })
                });
                signal(victim.0, Signal::KILL);
                killed.push(victim.0);
                next = due.next();
            }
            ControlFlow::Continue(())
        })
        .unwrap_or_else(|error| panic!("{error}\n{}", private.runner.report()));
    values
}

#[test]
fn run_with_killed_nodes_has_the_values_of_one_without() {
    let mut private = zmq(tube(DIAMOND));
    let kills = [
        (10, "twice"),
        (300, "thrice"),
        (301, "twice"),
        (700, "twice"),
    ];
    let values = run_killing(&mut private, 1000, &kills);
    let expected: Vec<Value> = (0..1000).map(|n| Value::Int(3 * n)).collect();
    assert_eq!(values, expected);
    let report = private.runner.report();
    assert_eq!((report.restarted, report.cause.clone()), (4, None));
    assert_eq!(report.epochs.done, 1000);
    assert!(
        report
            .to_string()
            .contains("`twice` was killed by signal 9 (SIGKILL)"),
        "{report}"
    );
    let status = private.runner.status();
    assert_eq!(status.node("twice").unwrap().restarts, 3);
    wait_for("the source to say that all epochs are over", SOON, || {
        let status = private.runner.status();
        (status.node("count")?.epochs == 1000).then_some(())
    });
    let id = private.runner.runner_id().unwrap().to_owned();
    private.runner.deinit().unwrap();
    assert_gone(&private.runs(), &id);
}

#[test]
fn maps_and_gathers_are_restarted() {
    let text = "
nodes:
  count: {type: test.count}
  many: {type: test.range, depends: [{n: count.index}], restart: always}
  each: {type: map, depends: [{value: many.value}], restart: always}
  twice: {type: test.double, depends: [{value: each.value}], restart: always}
  all: {type: gather, depends: [{value: twice.value}, {n: each.n}], restart: always}
  return: {type: return, depends: all.value}
";
    let mut private = zmq_with(tube(text), |builder| builder.window(3));
    let kills = [(3, "each"), (9, "twice"), (15, "all"), (20, "many")];
    let values = run_killing(&mut private, 30, &kills);
    // Of an empty list nothing is gathered.
    let expected: Vec<Value> = (1..30)
        .map(|n| Value::from((0..n).map(|i| Value::Int(2 * i)).collect::<Vec<_>>()))
        .collect();
    assert_eq!(values[values.len() - 29..], expected);
    assert_eq!(private.runner.report().restarted, 4);
}

#[test]
fn call_waits_for_the_restarted_node() {
    let text = "
input: {x: {type: int, scope: process}}
nodes:
  twice: {type: test.double, depends: [{value: input.x}], restart: on-failure}
  more: {type: test.double, depends: [{value: twice.value}], restart: on-failure}
  return: {type: return, depends: more.value}
";
    let mut private = zmq(tube(text));
    private.runner.init().unwrap();
    for x in 0..6 {
        for node in ["twice", "more"] {
            if x % 2 == 1 {
                let victim = wait_for("the node to be there", SOON, || {
                    private
                        .runner
                        .processes()
                        .into_iter()
                        .find(|(name, _)| &**name == node)
                });
                signal(victim.1, Signal::KILL);
            }
        }
        let input: Map = [("x".to_owned(), Value::Int(x))].into_iter().collect();
        assert_eq!(
            private.runner.process(input).unwrap(),
            Some(Value::Int(4 * x))
        );
    }
    assert_eq!(private.runner.report().restarted, 6);
}

#[test]
fn node_beyond_its_restart_limit_fails_the_run_with_the_number() {
    let text = "
nodes:
  count: {type: test.count}
  quits: {type: test.exit_at, params: {at: 3}, depends: [{value: count.index}], restart: {when: \
    on-failure, limit: 2, backoff: 0.01}}
  return: {type: return, depends: quits.value}
";
    let mut private = zmq(tube(text));
    // With several epochs open, the first restart may complete an epoch whose event was lost with
    // the process, and the restarts before it would not count.
    for n in 0..3 {
        let returned = private.runner.process(Map::new()).unwrap();
        assert_eq!(returned, Some(Value::Int(n)));
    }
    let error = private.runner.process(Map::new());
    let died = death(error.unwrap_err());
    assert_eq!(
        (&*died.node, died.how.as_str()),
        ("quits", "exited with code 7")
    );
    assert!(
        died.not_restarted
            .as_ref()
            .unwrap()
            .contains("2 times in a row"),
        "{died}"
    );
    let report = private.runner.report();
    assert_eq!(report.restarted, 2, "{report}");
    assert!(
        report.cause.as_deref().unwrap().contains("`quits`"),
        "{report}"
    );
}

#[test]
fn stopped_process_fails_the_call() {
    let text = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";
    let mut private = zmq(tube(text));
    assert_eq!(
        private.runner.process(Map::new()).unwrap(),
        Some(Value::Int(0))
    );
    signal(pid_of(&private, "twice"), Signal::STOP);
    let died = death(private.runner.process(Map::new()).unwrap_err());
    assert_eq!(&*died.node, "twice");
    assert!(died.how.contains("SIGSTOP"), "{died}");
}

#[test]
fn stopped_process_is_restarted() {
    let mut private = zmq(tube(DIAMOND));
    assert_eq!(
        private.runner.process(Map::new()).unwrap(),
        Some(Value::Int(0))
    );
    signal(pid_of(&private, "twice"), Signal::STOP);
    assert_eq!(
        private.runner.process(Map::new()).unwrap(),
        Some(Value::Int(3))
    );
    let report = private.runner.report().to_string();
    assert!(
        report.contains("`twice` was stopped by a signal"),
        "{report}"
    );
}

#[test]
fn restarted_node_receives_the_shared_asset_unchanged() {
    let marks = tempfile::tempdir().unwrap();
    let text = format!(
        "
assets:
  numbers: {{type: test.numbers, scope: runner}}
nodes:
  one: {{type: test.draw, depends: [{{numbers: assets.numbers}}], restart: on-failure, params: \
    {{at: 4, marker: '{0}/one'}}}}
  other: {{type: test.draw, depends: [{{numbers: assets.numbers}}], restart: on-failure, params: \
    {{at: 7, marker: '{0}/other'}}}}
  return: {{type: return, depends: [{{one: one.value}}, {{other: other.value}}]}}
",
        marks.path().display()
    );
    let mut private = zmq(tube(&text));
    let values = private.runner.run(6).unwrap();
    let expected: Vec<Value> = (0..6)
        .map(|n| {
            let drawn = [("one", Value::Int(2 * n)), ("other", Value::Int(2 * n + 1))];
            Value::Map(inputs(drawn).into())
        })
        .collect();
    assert_eq!(values, expected);
    assert_eq!(private.runner.report().restarted, 2);
    private.runner.deinit().unwrap();
}

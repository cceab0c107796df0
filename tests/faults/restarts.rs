//! Processes that end and are started again: the run goes on as if nothing had happened, and says
//! so.

use std::ops::ControlFlow;

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{RunError, Runner, RunnerExt};
use noob_zmq_tests::processes::assert_gone;
use noob_zmq_tests::runners::{Private, inputs, tube, zmq, zmq_with};
use rustix::process::Signal;

use crate::{SOON, death, pid_of, signal, wait_for};

/// count → twice (restarted) → sum of both → return
const DIAMOND: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}], restart: always}
  thrice: {type: test.add, depends: [{left: count.index}, {right: twice.value}], restart: always}
  return: {type: return, depends: thrice.value}
";

/// Runs `n` epochs, and kills a node whenever that many values were handed over.
fn run_killing(private: &mut Private, n: u64, kill: &[(u64, &str)]) -> Vec<Value> {
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
fn a_run_with_killed_nodes_gives_what_it_gives_without() {
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
    let twice = status.iter().find(|node| &*node.node == "twice").unwrap();
    assert_eq!(twice.restarts, 3);
    wait_for("the source to say that all epochs are over", SOON, || {
        let status = private.runner.status();
        let count = status.iter().find(|node| &*node.node == "count")?;
        (count.epochs == 1000).then_some(())
    });
    let id = private.runner.runner_id().unwrap().to_owned();
    private.runner.deinit().unwrap();
    assert_gone(&private.runs(), &id);
}

#[test]
fn maps_and_gathers_survive_their_nodes() {
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
fn a_call_waits_for_the_node_that_takes_the_place_of_the_one_that_ended() {
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
fn a_node_that_ends_again_and_again_fails_the_run_and_says_how_often() {
    let text = "
nodes:
  count: {type: test.count}
  quits: {type: test.exit_at, params: {at: 3}, depends: [{value: count.index}], restart: {when: \
    on-failure, limit: 2, backoff: 0.01}}
  return: {type: return, depends: quits.value}
";
    let mut private = zmq(tube(text));
    let mut seen = 0;
    let error = private.runner.run_each_all(&mut |_| {
        seen += 1;
        ControlFlow::Continue(())
    });
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
    assert_eq!(private.runner.report().restarted, 2);
    assert!(
        private.runner.report().cause.unwrap().contains("`quits`"),
        "{}",
        private.runner.report()
    );
}

#[test]
fn what_a_stateful_node_knew_is_not_made_up() {
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
fn a_process_that_is_stopped_is_found_out() {
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
fn a_stopped_process_can_be_replaced() {
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
fn a_call_that_overruns_its_timeout_ends_its_process() {
    let marks = tempfile::tempdir().unwrap();
    let text = |rest: &str| {
        format!(
            "
nodes:
  count: {{type: test.count}}
  stuck: {{type: test.hang_at, params: {{at: 2, marker: '{}'}}, depends: [{{value: count.index}}], \
    timeout: 0.3{rest}}}
  return: {{type: return, depends: stuck.value}}
",
            marks.path().join("stuck").display()
        )
    };
    let mut private = zmq(tube(&text("")));
    for epoch in 0..2 {
        assert_eq!(
            private.runner.process(Map::new()).unwrap(),
            Some(Value::Int(epoch))
        );
    }
    let died = death(private.runner.process(Map::new()).unwrap_err());
    assert_eq!(&*died.node, "stuck");
    assert!(
        died.how.contains("in epoch 2") && died.how.contains("`timeout` of 300ms"),
        "{died}"
    );
    // The epoch left out, and the process replaced: the run goes on.
    let mut private = zmq(tube(&text(", on_error: skip, restart: on-failure")));
    let values = private.runner.run(6).unwrap();
    assert_eq!(values, [0, 1, 3, 4, 5].map(Value::Int));
    let report = private.runner.report();
    assert_eq!(
        (report.epochs.skipped, report.restarted),
        (1, 1),
        "{report}"
    );
    assert_eq!(report.epoch_failures[0].epoch, 2);
}

#[test]
fn an_epoch_in_which_a_node_fails_can_be_left_out() {
    let text = "
nodes:
  count: {type: test.count}
  picky: {type: test.fail_at, params: {at: 2}, depends: [{value: count.index}], on_error: skip}
  return: {type: return, depends: picky.value}
";
    let mut private = zmq(tube(text));
    assert_eq!(private.runner.run(5).unwrap(), [0, 1, 3, 4].map(Value::Int));
    let report = private.runner.report();
    assert_eq!((report.epochs.done, report.epochs.skipped), (4, 1));
    assert!(
        report.epoch_failures[0]
            .why
            .contains("the node `picky` (test.yaml:5:3) failed in epoch 2"),
        "{report}"
    );
}

#[test]
fn a_call_that_fails_can_be_made_again() {
    let text = |times: u32| {
        format!(
            "
nodes:
  count: {{type: test.count}}
  shaky: {{type: test.fail_times, params: {{times: 2}}, depends: [{{value: count.index}}], \
    on_error: {{retry: {times}}}}}
  return: {{type: return, depends: shaky.value}}
"
        )
    };
    let mut private = zmq(tube(&text(2)));
    assert_eq!(private.runner.run(3).unwrap(), [0, 1, 2].map(Value::Int));
    let mut private = zmq(tube(&text(1)));
    let error = private.runner.run(3).unwrap_err();
    let RunError::Node(failure) = &error else {
        panic!("{error}")
    };
    assert_eq!(&*failure.node, "shaky");
    assert!(error.to_string().contains("after 2 attempts"), "{error}");
}

#[test]
fn an_edge_that_wants_the_latest_counts_what_it_leaves_out() {
    let text = "
nodes:
  count: {type: test.count, params: {limit: 200}}
  slow: {type: test.slow, params: {ms: 5}, depends: [{value: {from: count.index, policy: latest}}]}
  return: {type: return, depends: [{all: count.index}]}
";
    let mut private = zmq(tube(text));
    assert_eq!(private.runner.run_all().unwrap().len(), 200);
    // What it was given and what was left out is all there was; how many of each is a matter of
    // speed.
    let (calls, dropped) = wait_for("the node to say what it has done", SOON, || {
        let status = private.runner.status();
        let slow = status.iter().find(|node| &*node.node == "slow")?;
        let dropped: u64 = private
            .runner
            .report()
            .dropped
            .iter()
            .map(|edge| edge.events)
            .sum();
        (slow.calls + dropped == 200).then_some((slow.calls, dropped))
    });
    assert!(
        calls > 0 && dropped > 0,
        "{calls} calls, {dropped} left out"
    );
    let report = private.runner.report();
    assert_eq!(report.dropped[0].from, "count.index");
    assert_eq!(report.dropped[0].to, "slow");
}

#[test]
fn sources_and_sums_go_on_from_what_they_knew() {
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
fn a_node_goes_on_from_a_call_that_failed_too() {
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
fn callbacks_are_not_told_what_nodes_know() {
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
fn a_mapped_node_that_remembers_goes_on() {
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
fn what_a_gather_below_a_map_had_left_over_is_never_lost_in_silence() {
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
fn a_node_that_holds_a_shared_object_gets_it_again_as_it_was() {
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

#[test]
fn what_a_gather_had_of_an_epoch_that_failed_does_not_come_back_with_its_process() {
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

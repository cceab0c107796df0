//! Groups: nodes that share one process behave as with processes of their own.

use std::ops::ControlFlow;
use std::time::Duration;

use noob_zmq::graph::Value;
use noob_zmq::prelude::*;
use noob_zmq::runner::{RunErrorKind, RunnerState};
use noob_zmq_tests::processes::{assert_gone, of_run, wait_for};
use noob_zmq_tests::runners::{Private, tube, zmq_with};
use rustix::process::{Pid, Signal, kill_process};

const SOON: Duration = Duration::from_secs(20);

const CHAIN: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  checked: {type: test.fail_at, params: {at: 8}, depends: [{value: twice.value}]}
  sum: {type: test.kept_sum, depends: [{value: checked.value}]}
  return: {type: return, depends: sum.value}
";

fn grouped(text: &str, groups: &[&[&str]]) -> Private {
    zmq_with(tube(text), |builder| {
        let groups = groups.iter();
        groups.fold(builder, |builder, group| {
            builder.group(group.iter().copied())
        })
    })
}

fn pid(private: &Private, node: &str) -> u32 {
    let processes = private.runner.processes();
    let found = processes.iter().find(|(name, _)| &**name == node);
    found
        .unwrap_or_else(|| panic!("no process of {node}: {processes:?}"))
        .1
}

fn kill(pid: u32) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
}

/// Ends the run, and checks that nothing is left of it.
fn end(mut private: Private) {
    let id = private.runner.runner_id().unwrap().to_owned();
    let _ = private.runner.deinit();
    assert_gone(&private.runs(), &id);
}

#[test]
fn group_is_one_process_with_status_and_errors_by_node() {
    let mut private = grouped(CHAIN, &[&["sum", "twice", "checked"]]);
    let watcher = private.runner.watcher();
    private.runner.init().unwrap();
    let id = private.runner.runner_id().unwrap().to_owned();
    assert_eq!(of_run(&id).len(), 2);
    let group = pid(&private, "twice");
    let pids = ["checked", "sum"].map(|node| pid(&private, node));
    assert_eq!(pids, [group, group]);
    assert_ne!(pid(&private, "count"), group);
    for epoch in 0..4 {
        let value = private.runner.process(()).unwrap();
        assert_eq!(value, Some(Value::Int(epoch * (epoch + 1))));
    }
    let error = private.runner.process(()).unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::UserCode);
    let text = error.to_string();
    assert!(text.starts_with("the node `checked`"), "{text}");
    assert!(text.contains("in epoch 4: the frame is refused"), "{text}");
    // The failed value is not in the sum, and later epochs are.
    assert_eq!(private.runner.process(()).unwrap(), Some(Value::Int(22)));
    let status = wait_for("the counts of every node", SOON, || {
        let status = watcher.status();
        let calls = |node: &str| status.node(node).map(|node| node.calls);
        let counts = ["twice", "checked", "sum"].map(calls);
        (counts == [Some(6), Some(6), Some(5)]).then_some(status)
    });
    assert_eq!(status.state, RunnerState::Running);
    let failed = |node: &str| status.node(node).map(|node| node.failed);
    assert_eq!(
        ["twice", "checked", "sum"].map(failed),
        [Some(0), Some(1), Some(0)]
    );
    let last = status.node("checked").unwrap().last_error.as_ref();
    assert!(last.unwrap().contains("refused"));
    assert!(status.node("twice").unwrap().last_error.is_none());
    end(private);
}

#[test]
fn whole_tube_in_one_process_returns_the_same() {
    let text = CHAIN.replace("at: 8", "at: -1");
    let all: &[&str] = &["count", "twice", "checked", "sum"];
    let expected: Vec<Value> = (0..500).map(|n| Value::Int(n * (n + 1))).collect();
    let two: &[&[&str]] = &[&["count", "twice"], &["checked", "sum"]];
    for groups in [&[all], two] {
        let mut private = grouped(&text, groups);
        assert_eq!(private.runner.run(500).unwrap(), expected);
        // Events of all nodes reach a callback, though none of them leaves the group otherwise.
        let (sender, heard) = std::sync::mpsc::channel();
        private.runner.add_callback(Box::new(move |event| {
            let _ = sender.send((event.node_id.to_string(), event.epoch.number()));
        }));
        private.runner.process(()).unwrap();
        let mut heard: Vec<_> = heard.try_iter().filter(|(_, at)| *at == 500).collect();
        heard.sort();
        let nodes: Vec<&str> = heard.iter().map(|(node, _)| &**node).collect();
        assert_eq!(nodes, ["checked", "count", "return", "sum", "twice"]);
        end(private);
    }
}

#[test]
fn killed_group_is_restarted_as_one_and_loses_nothing() {
    let text = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}], restart: always}
  sum: {type: test.kept_sum, depends: [{value: twice.value}], restart: always}
  last: {type: test.echo, depends: [{value: sum.value}], restart: always}
  return: {type: return, depends: last.value}
";
    let mut private = grouped(text, &[&["twice", "sum", "last"]]);
    private.runner.init().unwrap();
    let id = private.runner.runner_id().unwrap().to_owned();
    let mut killed = Vec::new();
    let mut values = Vec::new();
    private
        .runner
        .run_each(600, &mut |value| {
            values.push(value);
            if values.len() % 200 == 50 {
                let victim = wait_for("the process of the group", SOON, || {
                    of_run(&id).into_iter().find(|(pid, line)| {
                        !killed.contains(pid) && line.contains("node twice+sum+last ")
                    })
                });
                kill(victim.0);
                killed.push(victim.0);
            }
            ControlFlow::Continue(())
        })
        .unwrap_or_else(|error| panic!("{error}\n{}", private.runner.report()));
    let expected: Vec<Value> = (0..600).map(|n| Value::Int(n * (n + 1))).collect();
    assert_eq!(values, expected);
    let restarts: Vec<_> = {
        let status = private.runner.watcher().status();
        let nodes = status.nodes.iter();
        nodes
            .map(|node| (node.node.to_string(), node.restarts))
            .collect()
    };
    let counts = [("count", 0), ("twice", 3), ("sum", 3), ("last", 3)];
    assert_eq!(
        restarts,
        counts.map(|(node, count)| (node.to_owned(), count))
    );
    end(private);
}

#[test]
fn death_of_a_group_is_one_of_each_of_its_nodes() {
    let mut private = grouped(CHAIN, &[&["twice", "checked"]]);
    let watcher = private.runner.watcher();
    private.runner.init().unwrap();
    private.runner.process(()).unwrap();
    kill(pid(&private, "checked"));
    let error = wait_for("the error of the run", SOON, || {
        private.runner.process(()).err()
    });
    let text = error.to_string();
    assert_eq!(error.kind(), RunErrorKind::Process, "{text}");
    assert!(
        text.contains("SIGKILL") && text.contains("the whole group `twice`, `checked`"),
        "{text}"
    );
    let status = watcher.status();
    for node in ["twice", "checked"] {
        let last = status.node(node).unwrap().last_error.as_ref().unwrap();
        assert!(last.contains("SIGKILL"), "{last}");
    }
    assert!(status.node("sum").unwrap().last_error.is_none());
    end(private);
}

#[test]
fn overrun_call_in_a_group_skips_its_epoch_alone() {
    let marks = tempfile::tempdir().unwrap();
    let text = format!(
        "
nodes:
  count: {{type: test.count}}
  twice: {{type: test.double, depends: [{{value: count.index}}], restart: always}}
  stuck:
    type: test.hang_at
    params: {{at: 4, marker: {marker}}}
    depends: [{{value: twice.value}}]
    restart: always
    timeout: 0.3
    on_error: skip
  return: {{type: return, depends: stuck.value}}
",
        marker = marks.path().join("stuck").display()
    );
    let mut private = grouped(&text, &[&["twice", "stuck"]]);
    let values = private.runner.run(6).unwrap();
    assert_eq!(values, [0, 2, 6, 8, 10].map(Value::Int));
    end(private);
}

#[test]
fn slow_node_does_not_use_up_the_timeout_of_another() {
    let text = "
nodes:
  count: {type: test.count}
  quick: {type: test.double, depends: [{value: count.index}], timeout: 0.4}
  slow: {type: test.slow, params: {ms: 150}, depends: [{value: quick.value}]}
  return: {type: return, depends: slow.value}
";
    let mut private = grouped(text, &[&["count", "quick", "slow"]]);
    let values = private.runner.run(8).unwrap();
    assert_eq!(values, Vec::from_iter((0..8).map(|n| Value::Int(2 * n))));
    end(private);
}

#[test]
fn large_values_reach_readers_in_and_outside_of_a_group() {
    let text = "
nodes:
  count: {type: test.count}
  frame: {type: test.frame, params: {size: 200000}, depends: [{number: count.index}]}
  inner: {type: test.echo, depends: [{value: frame.value}]}
  outer: {type: test.echo, depends: [{value: inner.value}]}
  return: {type: return, depends: [{inner: inner.value}, {outer: outer.value}]}
";
    let mut private = grouped(text, &[&["frame", "inner"]]);
    for (number, value) in private.runner.run(40).unwrap().into_iter().enumerate() {
        let value = value.as_map().unwrap().clone();
        let expected = Value::Bytes(vec![number as u8; 200_000].into());
        assert!(value["inner"] == expected && value["outer"] == expected);
    }
    end(private);
}

#[test]
fn member_is_disabled_and_enabled_during_a_run() {
    let text = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  extra: {type: test.double, depends: [{value: twice.value}]}
  last: {type: test.or_minus_one, depends: [{value: extra.value}]}
  both: {type: test.add, depends: [{left: last.value}, {right: twice.value}]}
  return: {type: return, depends: [{both: both.value}, {twice: twice.value}]}
";
    let group: &[&str] = &["twice", "extra", "last", "both"];
    let mut private = grouped(text, &[group]);
    let mut alone = SyncRunner::new(tube(text)).unwrap();
    for enabled in [true, false, true] {
        let runners: [&mut dyn Runner; 2] = [&mut private.runner, &mut alone];
        let values = runners.map(|runner| {
            if enabled {
                runner.enable_node("extra").unwrap();
            } else {
                runner.disable_node("extra").unwrap();
            }
            [(); 3].map(|()| runner.process(()).unwrap())
        });
        assert_eq!(values[0], values[1]);
    }
    end(private);
}

/// The calls of `slow` last longer than the worker thread drives the event loop for the others.
#[test]
fn quick_results_arrive_while_another_node_computes() {
    let text = "
nodes:
  quick: {type: test.count}
  slow: {type: test.slow, params: {value: 50, ms: 50}}
  both: {type: test.add, depends: [{left: quick.index}, {right: slow.value}]}
  return: {type: return, depends: both.value}
";
    let mut private = grouped(text, &[&["quick", "slow", "both"]]);
    let (sender, results) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let results = [(); 5].map(|()| private.runner.process(()).unwrap());
        end(private);
        sender.send(results).unwrap();
    });
    let results = results.recv_timeout(SOON).expect("an epoch has not ended");
    assert_eq!(
        results,
        [50, 51, 52, 53, 54].map(|sum| Some(Value::Int(sum)))
    );
}

#[test]
fn group_that_cannot_be_a_process_is_refused_at_the_start() {
    for (group, words) in [
        (["count", "sum"], "`sum` is not connected to `count`"),
        (["twice", "summ"], "no node `summ`; did you mean `sum`?"),
        (
            ["sum", "return"],
            "`return` is what the runner itself returns",
        ),
    ] {
        let mut private = grouped(CHAIN, &[&group]);
        let error = private.runner.init().unwrap_err();
        assert_eq!(error.kind(), RunErrorKind::Usage);
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut twice = grouped(CHAIN, &[&["count", "twice"], &["twice", "checked"]]);
    let error = twice.runner.init().unwrap_err().to_string();
    assert!(error.contains("`twice` is named twice"), "{error}");
}

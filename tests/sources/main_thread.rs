//! Nodes on the main thread of their process, and nodes that keep their thread for long.

use std::time::Duration;

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::zmq::Program;
use noob_zmq::runner::{RunError, Runner};
use noob_zmq_tests::processes::{assert_gone, wait_for};
use noob_zmq_tests::runners::{Private, zmq_with};
use rustix::process::{Pid, Signal, kill_process};

use crate::runners::tube;

/// Returns a runner whose nodes run a program: a test binary runs its tests on other threads.
fn programs(nodes: &str) -> Private {
    zmq_with(tube(nodes), |builder| {
        builder
            .node_program(Program::new(env!("CARGO_BIN_EXE_made")))
            .quit_timeout(Duration::from_millis(500))
    })
}

fn end(mut private: Private) {
    let id = private.runner.runner_id().map(str::to_owned).unwrap();
    let _ = private.runner.deinit();
    assert_gone(&private.runs(), &id);
}

#[test]
fn node_runs_on_the_main_thread_where_it_asks_for_it() {
    let mut private = programs(
        "nodes:
  count: {type: made.count}
  thread: {type: made.thread, depends: [{value: count.value}]}
  main: {type: made.main_thread, restart: on-failure, depends: [{value: count.value}]}
  return: {type: return, depends: [{thread: thread.value}, {main: main.value}]}
",
    );
    let told = |private: &mut Private| {
        let value = private.runner.process_map(Map::new()).unwrap().unwrap();
        ["thread", "main"].map(|node| value.get(node).and_then(Value::as_i64).unwrap())
    };
    for _ in 0..50 {
        assert_eq!(told(&mut private), [0, 1]);
    }
    // A process that is started again does so too.
    let pid_of = |private: &Private| {
        let processes = private.runner.processes();
        let main = processes.iter().find(|(node, _)| &**node == "main");
        main.map(|(_, pid)| *pid)
    };
    let before = pid_of(&private).unwrap();
    let pid = Pid::from_raw(before.cast_signed()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    wait_for("another process", Duration::from_secs(20), || {
        assert_eq!(told(&mut private), [0, 1]);
        pid_of(&private).filter(|pid| *pid != before)
    });
    end(private);
}

#[test]
fn node_that_fails_to_start_on_the_main_thread_is_reported() {
    let mut private = programs("nodes:\n  main: {type: made.main_broken}\n");
    let error = private.runner.init().unwrap_err();
    let RunError::Node(failure) = &error else {
        panic!("{error}");
    };
    assert_eq!(failure.error.class(), Some("OSError"), "{error}");
}

/// Longer than a process may be silent.
#[test]
fn node_that_holds_a_lock_for_long_is_busy_and_not_dead() {
    let mut private = programs(
        "nodes:
  count: {type: made.count, params: {limit: 1}}
  thread: {type: made.holds, params: {seconds: 12}, depends: [{value: count.value}]}
  main: {type: made.main_holds, params: {seconds: 12}, depends: [{value: count.value}]}
  return: {type: return, depends: [{thread: thread.value}, {main: main.value}]}
",
    );
    assert!(private.runner.process_map(Map::new()).unwrap().is_some());
    end(private);
}

#[test]
fn node_that_never_returns_on_the_main_thread_ends_with_its_run() {
    let mut private = programs(
        "nodes:
  count: {type: made.count, params: {limit: 1}}
  main: {type: made.main_holds, timeout: 1, depends: [{value: count.value}]}
  return: {type: return, depends: main.value}
",
    );
    let error = private.runner.process_map(Map::new()).unwrap_err();
    assert!(error.to_string().contains("`main`"), "{error}");
    end(private);
}

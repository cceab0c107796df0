//! Placements of a runner: groups and limits of processes, also after a restart, and mistakes.

use std::time::Duration;

use noob_zmq::graph::Value;
use noob_zmq::prelude::*;
use noob_zmq::runner::zmq::Placement;
use noob_zmq::runner::{RunError, RunErrorKind};
use noob_zmq_tests::processes::{assert_gone, of_run, wait_for};
use noob_zmq_tests::runners::{Private, tube, zmq_with};
use rustix::process::{Pid, Signal, kill_process};

const SOON: Duration = Duration::from_secs(20);

const CHAIN: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}], restart: always}
  last: {type: test.echo, depends: [{value: twice.value}], restart: always}
  return: {type: return, depends: last.value}
";

fn placed(placement: &str) -> Private {
    let placement = Placement::from_text("p.yaml", placement).unwrap();
    zmq_with(tube(CHAIN), |builder| builder.placement(&placement))
}

/// Returns the niceness in a `stat` file of `/proc`.
fn nice_in(stat: &str) -> Option<i32> {
    // The fields begin behind the name, which is in parentheses: the first is number 3.
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(19 - 3)?.parse().ok()
}

/// Whether a thread of a process has this niceness.
fn has_nice(pid: u32, nice: i32) -> bool {
    // The test harness starts the thread of the node before the node sets its niceness.
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
    threads.into_iter().flatten().flatten().any(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        nice_in(&stat) == Some(nice)
    })
}

#[test]
fn placed_group_keeps_its_limits_after_a_restart() {
    let own = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    // The next one: on a busy machine, a process far behind others would not end in time.
    let nice = (nice_in(&own).unwrap() + 1).min(19);
    let mut private = placed(&format!(
        "groups: {{quick: {{nodes: [last, twice], nice: {nice}}}}}"
    ));
    let even = |n: i64| Some(Value::Int(2 * n));
    assert_eq!(private.runner.process(()).unwrap(), even(0));
    let id = private.runner.runner_id().unwrap().to_owned();
    let group = || {
        of_run(&id)
            .into_iter()
            .find(|(_, line)| line.contains("node twice+last "))
    };
    let (first, _) = group().expect("the process of the group");
    assert_eq!(of_run(&id).len(), 2);
    assert!(has_nice(first, nice));
    kill_process(Pid::from_raw(first.cast_signed()).unwrap(), Signal::KILL).unwrap();
    let second = wait_for("the process after it", SOON, || {
        group().map(|(pid, _)| pid).filter(|pid| *pid != first)
    });
    assert_eq!(private.runner.process(()).unwrap(), even(1));
    assert!(has_nice(second, nice));
    private.runner.deinit().unwrap();
    assert_gone(&private.runs(), &id);
}

#[test]
fn placement_that_does_not_fit_is_an_error_of_the_start() {
    let error = placed("nodes: {twize: {nice: 1}}")
        .runner
        .init()
        .unwrap_err();
    assert!(matches!(error, RunError::Placement(_)), "{error}");
    assert_eq!(error.kind(), RunErrorKind::Usage);
    let text = error.to_string();
    assert!(
        text.starts_with("p.yaml:1:9: the tube `test` has no node `twize`"),
        "{text}"
    );
    assert!(text.contains("did you mean `twice`?"), "{text}");

    let elsewhere = "hosts: {lab: }\nnodes: {twice: {host: lab}}";
    let error = placed(elsewhere).runner.init().unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::Usage);
    assert!(
        error
            .to_string()
            .contains("`twice` is placed on the host `lab`"),
        "{error}"
    );
}

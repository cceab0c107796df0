//! Policies for failed calls, and for targets that are slower than their source.

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{RunError, Runner, RunnerExt};
use noob_zmq_tests::runners::{tube, zmq};

use crate::{SOON, death, wait_for};

#[test]
fn call_beyond_its_timeout_ends_the_process() {
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
fn epoch_of_a_failed_call_is_skipped() {
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
fn failed_call_is_repeated_up_to_the_limit() {
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
fn latest_edge_counts_dropped_events() {
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
        let slow = status.node("slow")?;
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

//! Errors of failing nodes, and the use of the runner after them.

use noob_zmq::graph::{Epoch, Map, Value};
use noob_zmq::runner::{NodeFailure, Phase, RunError, Runner, RunnerExt};
use noob_zmq_tests::runners::each;

fn failure(error: RunError) -> NodeFailure {
    match error {
        RunError::Node(failure) => *failure,
        other => panic!("expected the failure of a node, got: {other}"),
    }
}

fn one(runner: &mut dyn Runner) -> Result<Option<Value>, RunError> {
    runner.process(Map::new())
}

#[test]
fn error_names_node_place_epoch_causes_and_runner_goes_on() {
    let tube = "
nodes:
  count: {type: test.count}
  picky: {type: test.fail_at, params: {at: 1}, depends: [{value: count.index}]}
  return: {type: return, depends: picky.value}
";
    each(tube, |runner| {
        assert_eq!(one(runner).unwrap(), Some(Value::Int(0)));
        let failed = failure(one(runner).unwrap_err());
        assert_eq!(
            (&*failed.node, failed.phase, failed.epoch.clone()),
            ("picky", Phase::Process, Some(Epoch::root(1)))
        );
        assert_eq!(failed.place.as_deref(), Some("test.yaml:5:3"));
        assert_eq!(failed.error.message, "the frame is refused");
        assert_eq!(failed.error.chain, ["invalid digit found in string"]);
        let text = "the node `picky` (test.yaml:5:3) failed in epoch 1: the frame is refused: \
            invalid digit found in string";
        assert_eq!(failed.to_string(), text);
        assert_eq!(one(runner).unwrap(), Some(Value::Int(2)));
        assert_eq!(runner.run(2).unwrap(), [Value::Int(3), Value::Int(4)]);
    });
}

#[test]
fn panic_is_an_error_with_place_and_node_goes_on() {
    let tube = "
nodes:
  count: {type: test.count}
  shaky: {type: test.panic_at, params: {at: 0}, depends: [{value: count.index}]}
  return: {type: return, depends: shaky.value}
";
    each(tube, |runner| {
        let failed = failure(one(runner).unwrap_err());
        assert_eq!(
            (&*failed.node, failed.error.message.as_str()),
            ("shaky", "no film in the camera")
        );
        assert!(
            failed
                .error
                .panicked_at
                .as_deref()
                .unwrap()
                .contains("nodes.rs:"),
            "{failed}"
        );
        assert_eq!(one(runner).unwrap(), Some(Value::Int(1)));
    });
}

#[test]
fn run_returns_values_before_an_error() {
    let tube = "
nodes:
  count: {type: test.count}
  picky: {type: test.fail_at, params: {at: 100}, depends: [{value: count.index}]}
  return: {type: return, depends: picky.value}
";
    each(tube, |runner| {
        let mut values = Vec::new();
        let error = runner.run_each(500, &mut |value| {
            values.push(value);
            std::ops::ControlFlow::Continue(())
        });
        let failed = failure(error.unwrap_err());
        assert_eq!(failed.epoch, Some(Epoch::root(100)));
        assert_eq!(values, (0..100).map(Value::Int).collect::<Vec<_>>());
        assert!(one(runner).unwrap().is_some());
    });
}

#[test]
fn node_that_fails_to_build_is_named() {
    let tube = "
nodes:
  count: {type: test.count}
  sum: {type: test.running_sum, params: {start: -1}, depends: [{value: count.index}]}
  return: {type: return, depends: sum.value}
";
    each(tube, |runner| {
        let failed = failure(runner.init().unwrap_err());
        assert_eq!((&*failed.node, failed.phase), ("sum", Phase::Init));
        assert!(
            failed
                .to_string()
                .contains("a sum below zero makes no sense"),
            "{failed}"
        );
        assert!(!runner.running());
    });
}

#[test]
fn argument_of_wrong_type_is_an_error_of_the_node() {
    let tube = "
input:
  value: {type: any, scope: process}
nodes:
  twice: {type: test.double, depends: [{value: input.value}]}
  return: {type: return, depends: twice.value}
";
    each(tube, |runner| {
        let text = noob_zmq_tests::runners::inputs([("value", Value::Str("seven".into()))]);
        let failed = failure(runner.process(text).unwrap_err());
        assert!(
            failed.error.message.contains("value") && failed.to_string().contains("`twice`"),
            "{failed}"
        );
    });
}

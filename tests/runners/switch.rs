//! Nodes that are enabled and disabled while a runner lives.

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{RunError, Runner};
use noob_zmq_tests::runners::{each, inputs};

const ARMS: &str = "
input:
  n: {type: int, scope: process}
nodes:
  twice: {type: test.double, depends: [{value: input.n}]}
  four: {type: test.double, enabled: false, depends: [{value: twice.value}]}
  return: {type: return, depends: [{twice: twice.value}]}
  last: {type: test.double, depends: [{value: four.value}]}
";

fn twice(runner: &mut dyn Runner, n: i64) -> Option<Value> {
    runner.process(inputs([("n", Value::Int(n))])).unwrap()
}

fn returned(value: i64) -> Option<Value> {
    Some(Value::Map(inputs([("twice", Value::Int(value))]).into()))
}

#[test]
fn what_depends_on_a_disabled_node_does_not_run_until_it_is_enabled() {
    let tube = ARMS.replace("[{twice: twice.value}]", "[{twice: last.value}]");
    each(&tube, |runner| {
        assert_eq!(twice(runner, 1), None);
        runner.enable_node("four").unwrap();
        runner.enable_node("four").unwrap();
        assert_eq!(twice(runner, 1), returned(8));
        runner.disable_node("twice").unwrap();
        assert_eq!(twice(runner, 1), None);
        runner.enable_node("twice").unwrap();
        assert_eq!(twice(runner, 2), returned(16));
    });
}

#[test]
fn a_node_may_be_switched_before_the_runner_is_started() {
    each(ARMS, |runner| {
        runner.disable_node("twice").unwrap();
        assert!(!runner.running());
        assert_eq!(twice(runner, 1), None);
        runner.enable_node("twice").unwrap();
        assert_eq!(twice(runner, 1), returned(2));
    });
}

#[test]
fn a_source_that_is_enabled_again_begins_anew_and_epochs_go_on_counting() {
    let tube = "
nodes:
  count: {type: test.count}
  return: {type: return, depends: count.index}
";
    each(tube, |runner| {
        assert_eq!(runner.run(Some(3)).unwrap().len(), 3);
        runner.disable_node("count").unwrap();
        assert_eq!(runner.run(Some(2)).unwrap(), []);
        runner.enable_node("count").unwrap();
        let epochs = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let heard = std::sync::Arc::clone(&epochs);
        runner.add_callback(Box::new(move |event| {
            if &*event.node_id == "count" {
                heard.lock().unwrap().push(event.epoch.number());
            }
        }));
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
        assert_eq!(*epochs.lock().unwrap(), [5]);
    });
}

#[test]
fn a_node_that_cannot_be_switched_is_an_error_and_changes_nothing() {
    each(ARMS, |runner| {
        let error = runner.disable_node("twise").unwrap_err().to_string();
        assert!(
            error.contains("`twise`") && error.contains("`twice`"),
            "{error}"
        );
        assert_eq!(twice(runner, 1), returned(2));
    });
    let tube = "
input:
  n: {type: int, scope: process}
nodes:
  twice: {type: test.double, depends: [{value: input.n}]}
  sum: {type: test.running_sum, enabled: false, params: {start: -1}, depends: [{value: input.n}]}
  return: {type: return, depends: [{twice: twice.value}]}
";
    each(tube, |runner| {
        assert_eq!(twice(runner, 1), returned(2));
        let error = runner.enable_node("sum").unwrap_err();
        assert!(matches!(error, RunError::Node(_)), "{error}");
        assert_eq!(twice(runner, 3), returned(6));
    });
}

//! Inputs of nodes of each form: remaining slots, epochs, events, several signals, start and end.

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{Runner as _, RunnerExt as _};
use noob_zmq_tests::runners::{each, zmq};
use tempfile::TempDir;

fn texts<const N: usize>(texts: [&str; N]) -> Vec<Value> {
    texts.into_iter().map(Value::from).collect()
}

#[test]
fn remaining_slots_take_emitted_values_and_do_not_block() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 3}}
  even: {type: test.even, depends: [{value: count.index}]}
  twice: {type: test.double, depends: [{value: count.index}]}
  total:
    type: test.total_of
    params: {start: 100}
    depends: [{twice: twice.value}, {even: even.value}]
  return: {type: return, depends: total.value}
";
    each(tube, |runner| {
        assert_eq!(
            runner.run(3).unwrap(),
            texts(["100 even twice", "102 twice", "106 even twice"])
        );
    });
}

#[test]
fn params_under_other_names_join_the_remaining_slots() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 2}}
  total:
    type: test.total_of
    params: {start: 100, more: 20, again: 3000}
    depends: [{again: count.index}]
  return: {type: return, depends: total.value}
";
    each(tube, |runner| {
        assert_eq!(
            runner.run(2).unwrap(),
            texts(["120 again more", "121 again more"])
        );
    });
}

#[test]
fn node_receives_the_epoch_of_the_call() {
    let tube = "
nodes:
  count: {type: test.count, params: {start: 5, limit: 7}}
  where: {type: test.in_epoch, depends: [count.index]}
  range: {type: test.range, depends: [{n: count.index}]}
  each: {type: map, depends: [range.value]}
  below: {type: test.in_epoch, depends: [{value: each.value}]}
  all: {type: gather, depends: [{value: below.value}, {n: each.n}]}
  return: {type: return, depends: [{own: where.value}, {below: all.value}]}
";
    each(tube, |runner| {
        let first = runner.process(Map::new()).unwrap().unwrap();
        let second = runner.process(Map::new()).unwrap().unwrap();
        let own = |value: &Value| value.as_map().unwrap()["own"].clone();
        assert_eq!(
            [own(&first), own(&second)],
            [Value::from("5 in 0"), Value::from("6 in 1")]
        );
        let below = first.as_map().unwrap()["below"].as_list().unwrap().to_vec();
        let expected: Vec<Value> = (0..5)
            .map(|item| {
                let epoch = noob_zmq::graph::Epoch::root(0).child("each", item);
                format!("{item} in {epoch}").as_str().into()
            })
            .collect();
        assert_eq!(below, expected);
    });
}

#[test]
fn node_receives_the_events_that_feed_it() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 3}}
  even: {type: test.even, depends: [{value: count.index}]}
  who: {type: test.fed_by, depends: [count.index, {right: even.value}]}
  return: {type: return, depends: who.value}
";
    each(tube, |runner| {
        assert_eq!(
            runner.run(3).unwrap(),
            texts([
                "left=count.index@0 right=even.value@0",
                "left=count.index@1",
                "left=count.index@2 right=even.value@2",
            ])
        );
    });
}

#[test]
fn event_below_a_map_has_the_emitting_epoch() {
    let tube = "
input:
  n: {type: int, scope: process}
nodes:
  range: {type: test.range, depends: [{n: input.n}]}
  base: {type: test.double, depends: [{value: input.n}]}
  each: {type: map, depends: [range.value]}
  who: {type: test.fed_by, depends: [{left: each.value}, {right: base.value}]}
  from_input: {type: test.fed_by, depends: [{left: input.n}, {right: base.value}]}
  all: {type: gather, depends: [{value: who.value}, {n: each.n}]}
  return: {type: return, depends: [{below: all.value}, {own: from_input.value}]}
";
    each(tube, |runner| {
        let input = noob_zmq_tests::runners::inputs([("n", Value::Int(2))]);
        let value = runner.process(input).unwrap().unwrap();
        let map = value.as_map().unwrap();
        let at = |item| noob_zmq::graph::Epoch::root(0).child("each", item);
        let expected: Vec<Value> = (0..2)
            .map(|item| {
                let left = format!("left=each.value@{} right=base.value@0", at(item));
                left.as_str().into()
            })
            .collect();
        assert_eq!(map["below"].as_list().unwrap(), expected);
        assert_eq!(map["own"], Value::from("right=base.value@0"));
    });
}

#[test]
fn signals_of_an_async_node_travel_separately() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 4}}
  parity: {type: test.parity, depends: [{value: count.index}]}
  odd: {type: test.double, depends: [{value: parity.odd}]}
  return: {type: return, depends: [{even: parity.even}, {odd: odd.value}]}
";
    each(tube, |runner| {
        let told: Vec<String> = runner
            .run(4)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told,
            [
                r#"{"even": 0}"#,
                r#"{"odd": 2}"#,
                r#"{"even": 2}"#,
                r#"{"odd": 6}"#
            ]
        );
    });
}

#[test]
fn class_node_is_initialised_and_ended_once() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("diary");
    let tube = format!(
        "
nodes:
  count: {{type: test.count}}
  diary: {{type: test.diary, params: {{path: {}}}, depends: [{{value: count.index}}]}}
  return: {{type: return, depends: diary.value}}
",
        path.display()
    );
    each(&tube, |runner| {
        runner.init().unwrap();
        let written = || std::fs::read_to_string(&path).unwrap();
        assert_eq!(written(), "new\ninit\n");
        runner.process(Map::new()).unwrap();
        runner.init().unwrap();
        runner.process(Map::new()).unwrap();
        runner.deinit().unwrap();
        assert_eq!(written(), "new\ninit\n0\n1\ndeinit\n");
        std::fs::remove_file(&path).unwrap();
    });
}

/// Even numbers pass through one more node than odd ones, so that an odd number may overtake an
/// even number of an earlier epoch.
fn overtaking(calls: &str, hold: &str) -> String {
    format!(
        "
nodes:
  count: {{type: test.count}}
  parity: {{type: test.parity, depends: [{{value: count.index}}]}}
  even: {{{hold}, depends: [{{value: parity.even}}]}}
  calls: {{type: test.calls_before, {calls}, depends: [{{even: even.value}}, {{odd: parity.odd}}]}}
  return: {{type: return, depends: calls.value}}
"
    )
}

#[test]
fn stateful_function_is_called_in_epoch_order() {
    each(&overtaking("params: {}", "type: test.double"), |runner| {
        let told = runner.run(60).unwrap();
        let first = told[0].as_i64().unwrap();
        let expected: Vec<Value> = (first..first + 60).map(Value::Int).collect();
        assert_eq!(told, expected);
    });
}

#[test]
fn stateful_false_lets_a_later_epoch_run_first() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("odd");
    let path = path.display();
    let tube = overtaking(
        &format!("stateful: false, params: {{path: {path}}}"),
        &format!("type: test.after_file, params: {{path: {path}}}"),
    );
    let mut private = zmq(noob_zmq_tests::runners::tube(&tube));
    let told = private.runner.run(2).unwrap();
    assert_eq!(told, [Value::Int(1), Value::Int(0)]);
}

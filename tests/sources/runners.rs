//! Tubes of such types on every runner.

use noob_zmq::graph::{Tube, Value};
use noob_zmq::runner::{RunError, Runner, SyncRunner, TaskRunner};
use noob_zmq::tube::{Folders, LoadError};
use noob_zmq_tests::made::{TRACEBACK, registry};
use noob_zmq_tests::processes::assert_gone;
use noob_zmq_tests::runners::zmq;

fn load(nodes: &str) -> Result<Tube, LoadError> {
    let folders = Folders::new().with_registry(registry());
    folders.from_text("made.yaml", &format!("noob_id: made\n{nodes}"), ())
}

pub(crate) fn tube(nodes: &str) -> Tube {
    load(nodes).unwrap()
}

/// Runs `test` with each runner of the tube.
fn each(nodes: &str, test: impl Fn(&mut dyn Runner)) {
    test(&mut SyncRunner::new(tube(nodes)).unwrap());
    test(&mut TaskRunner::new(tube(nodes)).unwrap());
    let mut private = zmq(tube(nodes));
    test(&mut private.runner);
    let id = private.runner.runner_id().map(str::to_owned);
    private.runner.deinit().unwrap();
    assert_gone(&private.runs(), &id.expect("a run"));
}

fn integers(values: &[i64]) -> Vec<Value> {
    values.iter().copied().map(Value::Int).collect()
}

#[test]
fn made_functions_sources_and_classes_run() {
    let nodes = "nodes:
  count: {type: made.count, params: {limit: 4}}
  add: {type: made.add_10, depends: count.value}
  twice: {type: test.double, depends: [{value: add.value}]}
  total: {type: made.total, depends: [{value: twice.value}]}
  return: {type: return, depends: total.value}
";
    each(nodes, |runner| {
        assert_eq!(runner.run_all().unwrap(), integers(&[20, 42, 66, 92]));
    });
}

#[test]
fn optional_and_unnamed_slots_are_fed() {
    let nodes = "nodes:
  count: {type: made.count, params: {limit: 2}}
  sum: {type: made.sum, depends: [{value: count.value}, {b: count.value}]}
  fed: {type: made.sum, depends: [{value: count.value}, {extra: count.value}]}
  return: {type: return, depends: [{sum: sum.value}, {fed: fed.value}]}
";
    each(nodes, |runner| {
        let values = runner.run_all().unwrap();
        let of = |key: &str| -> Vec<Value> {
            let values = values.iter().filter_map(|value| value.get(key).cloned());
            values.collect()
        };
        assert_eq!(of("sum"), integers(&[100, 102]));
        assert_eq!(of("fed"), integers(&[0, 2]));
    });
}

#[test]
fn made_asset_is_shared_by_nodes() {
    let nodes = "assets:
  tally: {type: made.tally, scope: runner, params: {start: 5}}
nodes:
  count: {type: made.count, params: {limit: 3}}
  first: {type: made.tally, depends: [{value: count.value}, {tally: assets.tally}]}
  second: {type: made.tally, depends: [{value: first.value}, {tally: assets.tally}]}
  return: {type: return, depends: second.value}
";
    // 5, 5+0 → 5, 5+5 → 10; 10+1 → 11, 11+11 → 22; 22+2 → 24, 24+24 → 48.
    each(nodes, |runner| {
        assert_eq!(runner.run_all().unwrap(), integers(&[10, 22, 48]));
    });
}

#[test]
fn unusable_type_is_reported_at_its_place() {
    let error = load(
        "nodes:
  count: {type: made.count, params: {limit: 3}}
  broken: {type: made.broken, depends: [{value: count.value}]}
",
    )
    .unwrap_err();
    let report = format!("{error:?}");
    let head = "made.yaml:4:18: error: the node type `made.broken` cannot be used: \
                ModuleNotFoundError: No module named 'nothing' (at made.py:3)";
    assert!(report.contains(head), "{report}");
    for line in TRACEBACK.lines() {
        assert!(report.contains(line), "{line:?} is not in\n{report}");
    }
}

#[test]
fn params_and_edges_of_made_types_are_checked() {
    let error = load(
        "nodes:
  count: {type: made.count, params: {limit: many}}
  range: {type: test.range, depends: [{n: count.value}]}
  add: {type: made.add_1, depends: [{value: range.value}]}
  none: {type: made.nothing}
",
    )
    .unwrap_err()
    .to_string();
    for part in [
        "`limit`",
        "takes `int`, not `\"many\"`: not an integer",
        "no node type is called `made.nothing`",
        "`add`",
    ] {
        assert!(error.contains(part), "{part:?} is not in\n{error}");
    }
}

#[test]
fn error_of_a_made_node_keeps_class_place_and_detail() {
    let nodes = "nodes:
  count: {type: made.count, params: {limit: 3}}
  fails: {type: made.fails, depends: [{value: count.value}]}
  return: {type: return, depends: fails.value}
";
    each(nodes, |runner| {
        let error = runner.process_map(noob_zmq::graph::Map::new()).unwrap_err();
        let RunError::Node(failure) = &error else {
            panic!("{error}");
        };
        assert_eq!(failure.error.class(), Some("ValueError"));
        assert_eq!(failure.error.at(), Some("made.py:40"));
        assert_eq!(failure.error.panicked_at, None);
        let text = error.to_string();
        let head = "the node `fails` (made.yaml:4:3) failed in epoch 0: ValueError: no such frame \
                    (at made.py:40)";
        assert!(text.starts_with(head), "{text}");
        assert!(
            text.contains("\n      File \"made.py\", line 40, in fails"),
            "{text}"
        );
    });
}

#[test]
fn object_of_another_language_does_not_fit_a_typed_slot() {
    let nodes = "nodes:
  count: {type: made.count, params: {limit: 1}}
  object: {type: made.object, depends: [{value: count.value}]}
  double: {type: test.double, depends: [{value: object.value}]}
";
    let error = load(nodes).unwrap_err().to_string();
    for part in [
        "`Frame`",
        "`i64`",
        "an object of another language is never an integer",
    ] {
        assert!(error.contains(part), "{part:?} is not in\n{error}");
    }
}

#[test]
fn node_process_asks_for_the_type_of_its_node_alone() {
    let nodes = "assets:
  tally: {type: made.tally, scope: runner}
nodes:
  count: {type: made.count, params: {limit: 1}}
  add: {type: made.add_1, depends: [{value: count.value}]}
  tally: {type: made.tally, depends: [{value: add.value}, {tally: assets.tally}]}
  asked: {type: made.asked, depends: [{value: tally.value}]}
  return: {type: return, depends: asked.value}
";
    let mut private = zmq(tube(nodes));
    let names = private.runner.run_all().unwrap();
    assert_eq!(names, [Value::from(vec![Value::from("made.asked")])]);
    // In one process, the source is asked for all.
    let mut runner = SyncRunner::new(tube(nodes)).unwrap();
    let names = runner.run_all().unwrap();
    let all = ["add_1", "asked", "count", "tally"];
    let all: Vec<Value> = all.map(|name| format!("made.{name}").into()).into();
    assert_eq!(names, [Value::from(all)]);
}

#[test]
fn nested_tube_of_made_types_runs_in_its_process() {
    let nodes = "nodes:
  count: {type: made.count, params: {limit: 3}}
  inner:
    type: tube
    depends: [{number: count.value}]
    params:
      tube:
        noob_id: inner
        input:
          number: {type: int, scope: process}
        nodes:
          add: {type: made.add_5, depends: [{value: input.number}]}
          return: {type: return, depends: add.value}
  return: {type: return, depends: inner.value}
";
    each(nodes, |runner| {
        assert_eq!(runner.run_all().unwrap(), integers(&[5, 6, 7]));
    });
}

//! Known faults of noob's ZMQ runner, which this library must not have.

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::RunnerExt;
use noob_zmq_tests::runners::{each, inputs};

/// noob loses messages past the high-water mark of a socket: 1000 messages on each side.
#[test]
fn slow_node_receives_more_events_than_queues_hold() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 6000}}
  lazy: {type: test.slow_start, depends: [{value: count.index}]}
  return: {type: return, depends: lazy.value}
";
    each(tube, |runner| {
        let values = runner.run_all().unwrap();
        let expected: Vec<Value> = (0..6000).map(Value::Int).collect();
        assert!(values == expected, "{} values", values.len());
    });
}

/// The same loss with as many events in one epoch: a map of a long list.
#[test]
fn list_longer_than_queues_is_gathered_whole() {
    let tube = "
input:
  items: {type: list, scope: process}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  lazy: {type: test.slow_start, depends: [{value: items.value}]}
  all: {type: gather, depends: [{value: lazy.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";
    each(tube, |runner| {
        let items = Value::from((0..5000).map(Value::Int).collect::<Vec<_>>());
        let returned = runner.process(inputs([("items", items.clone())])).unwrap();
        assert!(returned == Some(items));
    });
}

/// noob waits for an epoch that no node runs.
#[test]
fn run_without_return_runs_n_epochs() {
    let tube = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
";
    each(tube, |runner| {
        assert_eq!(runner.run(7).unwrap(), []);
        assert_eq!(
            runner
                .run_each(3, &mut |_| panic!("nothing is returned"))
                .unwrap(),
            3
        );
        assert_eq!(runner.process(Map::new()).unwrap(), None);
    });
}

/// noob may call a gather before the number of items is known.
#[test]
fn gather_accepts_items_and_count_in_any_order() {
    let tube = "
input:
  n: {type: int, scope: process}
nodes:
  range: {type: test.range, depends: [{n: input.n}]}
  items: {type: map, depends: [{value: range.value}]}
  twice: {type: test.double, depends: [{value: items.value}]}
  all: {type: gather, depends: [{value: twice.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";
    each(tube, |runner| {
        for n in 0..150 {
            let n = 1 + n % 7;
            let returned = runner.process(inputs([("n", Value::Int(n))])).unwrap();
            let expected = Value::from((0..n).map(|item| Value::Int(2 * item)).collect::<Vec<_>>());
            assert_eq!(returned, Some(expected), "{n} items");
        }
    });
}

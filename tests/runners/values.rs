//! Results of tubes.

use noob_zmq::runner::RunnerExt;
use std::ops::ControlFlow;

use noob_zmq::graph::{Bytes, Map, Tensor, Value};
use noob_zmq::runner::RunError;
use noob_zmq_tests::runners::{each, inputs};

fn ints(values: impl IntoIterator<Item = i64>) -> Vec<Value> {
    values.into_iter().map(Value::Int).collect()
}

const CHAIN: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";

#[test]
fn process_runs_one_epoch_at_a_time() {
    each(CHAIN, |runner| {
        for epoch in 0..5 {
            assert_eq!(
                runner.process(Map::new()).unwrap(),
                Some(Value::Int(2 * epoch))
            );
        }
    });
}

#[test]
fn run_returns_values_in_epoch_order() {
    each(CHAIN, |runner| {
        assert_eq!(runner.run(300).unwrap(), ints((0..300).map(|i| 2 * i)));
    });
}

#[test]
fn process_and_run_alternate() {
    each(CHAIN, |runner| {
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
        assert_eq!(runner.run(3).unwrap(), ints([2, 4, 6]));
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(8)));
        assert_eq!(runner.run(0).unwrap(), ints([]));
        assert_eq!(runner.run(2).unwrap(), ints([10, 12]));
    });
}

#[test]
fn run_ends_with_its_source() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 100}}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";
    each(tube, |runner| {
        let mut values = Vec::new();
        let epochs = runner.run_each_all(&mut |value| {
            values.push(value);
            ControlFlow::Continue(())
        });
        assert_eq!(epochs.unwrap(), 100);
        assert_eq!(values, ints((0..100).map(|i| 2 * i)));
        assert!(matches!(
            runner.process(Map::new()),
            Err(RunError::Exhausted)
        ));
        assert_eq!(runner.run(5).unwrap(), ints([]));
    });
}

#[test]
fn run_of_n_ends_early_with_its_source() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 7}}
  return: {type: return, depends: count.index}
";
    each(tube, |runner| {
        assert_eq!(runner.run(1000).unwrap(), ints(0..7))
    });
}

#[test]
fn run_each_stops_when_the_caller_breaks() {
    each(CHAIN, |runner| {
        let mut values = Vec::new();
        runner
            .run_each_all(&mut |value| {
                values.push(value);
                if values.len() == 10 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
            .unwrap();
        assert_eq!(values, ints((0..10).map(|i| 2 * i)));
        assert!(runner.process(Map::new()).unwrap().is_some());
    });
}

#[test]
fn diamond_arms_share_one_epoch() {
    let tube = "
nodes:
  count: {type: test.count}
  once: {type: test.echo, depends: [{value: count.index}]}
  twice: {type: test.double, depends: [{value: count.index}]}
  sum: {type: test.add, depends: [{left: once.value}, {right: twice.value}]}
  return: {type: return, depends: sum.value}
";
    each(tube, |runner| {
        assert_eq!(runner.run(200).unwrap(), ints((0..200).map(|i| 3 * i)))
    });
}

#[test]
fn nothing_blocks_required_and_releases_optional_slots() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 6}}
  even: {type: test.even, depends: [{value: count.index}]}
  twice: {type: test.double, depends: [{value: even.value}]}
  or: {type: test.or_minus_one, depends: [{value: twice.value}]}
  return: {type: return, depends: or.value}
";
    each(tube, |runner| {
        // The source emits nothing in the epoch in which it ends, which releases the slot too.
        assert_eq!(runner.run_all().unwrap(), ints([0, -1, 4, -1, 8, -1, -1]));
    });
}

#[test]
fn epoch_without_a_return_value_returns_none() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 6}}
  even: {type: test.even, depends: [{value: count.index}]}
  return: {type: return, depends: even.value}
";
    each(tube, |runner| {
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
        assert_eq!(runner.process(Map::new()).unwrap(), None);
        assert_eq!(runner.run_all().unwrap(), ints([2, 4]));
    });
}

#[test]
fn stateful_node_is_called_in_epoch_order() {
    let tube = "
nodes:
  count: {type: test.count}
  sum: {type: test.running_sum, params: {start: 100}, depends: [{value: count.index}]}
  return: {type: return, depends: sum.value}
";
    each(tube, |runner| {
        let sums: Vec<_> = runner.run(200).unwrap();
        assert_eq!(sums, ints((0..200).map(|n| 100 + n * (n + 1) / 2)));
    });
}

#[test]
fn integers_of_64_bits_are_added_exactly_or_refused() {
    let tube = "
input:
  left: {type: any, scope: process}
  right: {type: any, scope: process}
nodes:
  sum: {type: noob_zmq.numbers.add, depends: [{left: input.left}, {right: input.right}]}
  return: {type: return, depends: sum.value}
";
    each(tube, |runner| {
        let mut add =
            |left: Value, right: Value| runner.process(inputs([("left", left), ("right", right)]));
        for (left, right, sum) in [
            (9_223_372_036_854_775_809, 0, 9_223_372_036_854_775_809),
            (u64::MAX - 1, 1, u64::MAX),
            (i64::MAX.unsigned_abs(), 1, 1 << 63),
        ] {
            let value = add(left.into(), right.into());
            assert_eq!(value.unwrap(), Some(Value::UInt(sum)));
        }
        let value = add(Value::UInt(1 << 63), Value::Int(-1));
        assert_eq!(value.unwrap(), Some(Value::Int(i64::MAX)));
        let overflow = add(Value::UInt(u64::MAX), Value::Int(1)).unwrap_err();
        assert!(
            format!("{overflow:?}").contains("too large"),
            "{overflow:?}"
        );
    });
}

#[test]
fn inputs_of_both_scopes_reach_nodes() {
    let tube = "
input:
  factor: {type: int, scope: tube, default: 5}
  shift: {type: int, scope: process}
nodes:
  sum: {type: test.add, depends: [{left: input.factor}, {right: input.shift}]}
  return: {type: return, depends: sum.value}
";
    each(tube, |runner| {
        assert_eq!(
            runner.process(inputs([("shift", Value::Int(1))])).unwrap(),
            Some(Value::Int(6))
        );
        assert_eq!(
            runner.process(inputs([("shift", Value::Int(2))])).unwrap(),
            Some(Value::Int(7))
        );
        assert!(matches!(
            runner.process(Map::new()),
            Err(RunError::Input(_))
        ));
        assert!(matches!(
            runner.process(inputs([("shft", Value::Int(2))])),
            Err(RunError::Input(_))
        ));
        assert!(matches!(runner.run(1), Err(RunError::Input(_))));
        assert_eq!(
            runner.process(inputs([("shift", Value::Int(3))])).unwrap(),
            Some(Value::Int(8))
        );
    });
}

#[test]
fn values_keep_type_and_content() {
    let tube = "
input:
  value: {type: any, scope: process}
nodes:
  first: {type: test.echo, depends: [{value: input.value}]}
  second: {type: test.echo, depends: [{value: first.value}]}
  return: {type: return, depends: second.value}
";
    let nested = inputs([
        (
            "list",
            Value::List(vec![Value::Null, Value::Bool(true)].into()),
        ),
        ("text", Value::Str("pck__no".into())),
    ]);
    // Two values with frames of their own, and one below that size.
    let large = |size: u32| -> Bytes { (0..size).map(|i| i as u8).collect() };
    let tensor = Tensor {
        dtype: "<u2".into(),
        shape: [300, 500].into(),
        data: large(300_000),
    };
    let values = [
        Value::Null,
        Value::Int(i64::MIN),
        Value::UInt(u64::MAX),
        Value::BigInt("123456789012345678901234567890".into()),
        Value::Float(f64::NEG_INFINITY),
        Value::Float(-0.0),
        Value::Str("__META__NoEvent".into()),
        Value::Bytes(vec![0, 159, 255].into()),
        Value::Map(nested.into()),
        Value::List(vec![].into()),
        Value::Bytes(large(3 << 20)),
        Value::from([
            Value::Bytes(large(20_000)),
            Value::Bytes(large(1000)),
            tensor.into(),
        ]),
    ];
    each(tube, |runner| {
        for value in &values {
            assert_eq!(
                runner
                    .process(inputs([("value", value.clone())]))
                    .unwrap()
                    .as_ref(),
                Some(value)
            );
        }
    });
}

#[test]
fn return_collects_by_name_and_by_position() {
    let tube = "
nodes:
  count: {type: test.count}
  even: {type: test.even, depends: [{value: count.index}]}
  return: {type: return, depends: [count.index, {even: even.value}, {index: count.index}]}
";
    each(tube, |runner| {
        let both = |index: i64, keyed: Map| {
            Value::List(
                vec![
                    Value::List(vec![Value::Int(index)].into()),
                    Value::Map(keyed.into()),
                ]
                .into(),
            )
        };
        let first = both(
            0,
            inputs([("even", Value::Int(0)), ("index", Value::Int(0))]),
        );
        assert_eq!(runner.process(Map::new()).unwrap(), Some(first));
        assert_eq!(
            runner.process(Map::new()).unwrap(),
            Some(both(1, inputs([("index", Value::Int(1))])))
        );
    });
}

#[test]
fn tube_without_return_runs_and_returns_none() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 20}}
  twice: {type: test.double, depends: [{value: count.index}]}
";
    each(tube, |runner| {
        assert_eq!(runner.process(Map::new()).unwrap(), None);
        assert_eq!(runner.run(4).unwrap(), ints([]));
        assert_eq!(
            runner
                .run_each_all(&mut |_| ControlFlow::Continue(()))
                .unwrap(),
            15
        );
    });
}

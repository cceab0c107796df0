//! `map` and `gather`: one epoch, many items.

use noob_zmq::graph::Value;
use noob_zmq::runner::RunnerExt;
use noob_zmq_tests::runners::{each, inputs};

fn list(items: impl IntoIterator<Item = i64>) -> Value {
    Value::from(items.into_iter().map(Value::Int).collect::<Vec<_>>())
}

const TWICE_EACH: &str = "
input:
  items: {type: list, scope: process}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  twice: {type: test.double, depends: [{value: items.value}]}
  all: {type: gather, depends: [{value: twice.value}, {n: items.n}]}
  more: {type: test.echo, depends: [{value: all.value}]}
  return: {type: return, depends: more.value}
";

#[test]
fn mapped_items_are_gathered_in_order() {
    each(TWICE_EACH, |runner| {
        for n in [1, 2, 50, 3] {
            let given = inputs([("items", list(0..n))]);
            assert_eq!(
                runner.process(given).unwrap(),
                Some(list((0..n).map(|i| 2 * i))),
                "{n} items"
            );
        }
    });
}

#[test]
fn map_of_an_empty_list_gathers_an_empty_list() {
    each(TWICE_EACH, |runner| {
        for items in [list([]), list([7]), list([]), list([])] {
            let twice = items.as_list().unwrap().iter();
            let twice = list(twice.map(|item| 2 * item.as_i64().unwrap()));
            assert_eq!(
                runner.process(inputs([("items", items)])).unwrap(),
                Some(twice)
            );
        }
    });
}

#[test]
fn map_of_an_empty_list_has_zero_items() {
    let tube = "
input:
  items: {type: any, scope: process}
nodes:
  each: {type: map, depends: [{value: input.items}]}
  same: {type: test.echo, depends: [{value: each.value}]}
  all: {type: gather, params: {flatten: true}, depends: [{value: same.value}, {n: each.n}]}
  twice: {type: test.double, depends: [{value: each.n}]}
  return: {type: return, depends: [{all: all.value}, {n: each.n}, {twice: twice.value}]}
";
    each(tube, |runner| {
        let text = Value::from("");
        for items in [list([]), text, Value::Map(inputs([]).into())] {
            let expected = inputs([
                ("n", Value::Int(0)),
                ("all", list([])),
                ("twice", Value::Int(0)),
            ]);
            let returned = runner.process(inputs([("items", items)])).unwrap();
            assert_eq!(returned, Some(Value::Map(expected.into())));
        }
        let returned = runner.process(inputs([("items", Value::from("ab"))]));
        let returned = returned.unwrap().unwrap();
        let returned = returned.as_map().unwrap();
        assert_eq!(returned["n"], Value::Int(2));
        assert_eq!(returned["all"], Value::from(["a", "b"]));
    });
}

#[test]
fn empty_lists_below_nested_maps_keep_their_places() {
    let tube = "
input:
  items: {type: 'list[list[int]]', scope: process}
nodes:
  outer: {type: map, depends: [{value: input.items}]}
  inner: {type: map, depends: [{value: outer.value}]}
  twice: {type: test.double, depends: [{value: inner.value}]}
  each: {type: gather, depends: [{value: twice.value}, {n: inner.n}]}
  count: {type: gather, depends: [{value: inner.n}, {n: outer.n}]}
  all: {type: gather, depends: [{value: each.value}, {n: outer.n}]}
  return: {type: return, depends: [{all: all.value}, {count: count.value}]}
";
    each(tube, |runner| {
        let shapes: [&[&[i64]]; 6] = [
            &[&[1, 2], &[], &[3]],
            &[],
            &[&[]],
            &[&[], &[4], &[]],
            &[&[], &[]],
            &[&[5]],
        ];
        for shape in shapes {
            let of = |times: i64| {
                let lists = shape
                    .iter()
                    .map(|items| list(items.iter().map(|item| times * item)));
                Value::from(lists.collect::<Vec<_>>())
            };
            let counts = list(shape.iter().map(|items| items.len() as i64));
            let returned = runner.process(inputs([("items", of(1))])).unwrap();
            let expected = inputs([("all", of(2)), ("count", counts)]);
            assert_eq!(returned, Some(Value::Map(expected.into())), "{shape:?}");
        }
    });
}

#[test]
fn value_of_a_node_without_an_item_is_not_gathered() {
    let tube = "
input:
  items: {type: list, scope: process}
nodes:
  each: {type: map, depends: [{value: input.items}]}
  or: {type: test.or_minus_one, depends: [{value: each.value}]}
  all: {type: gather, depends: [{value: or.value}, {n: each.n}]}
  return: {type: return, depends: all.value}
";
    each(tube, |runner| {
        for items in [list([]), list([1, 2])] {
            let returned = runner.process(inputs([("items", items.clone())]));
            assert_eq!(returned.unwrap(), Some(items));
        }
    });
}

#[test]
fn return_below_a_map_lists_the_values() {
    let tube = "
input:
  items: {type: list, scope: process}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  even: {type: test.even, depends: [{value: items.value}]}
  return: {type: return, depends: [{even: even.value}, {n: items.n}]}
";
    each(tube, |runner| {
        let returned = runner.process(inputs([("items", list(0..5))])).unwrap();
        let expected = inputs([("even", list([0, 2, 4])), ("n", Value::Int(5))]);
        assert_eq!(returned, Some(Value::Map(expected.into())));
    });
}

#[test]
fn mapped_epochs_in_flight_do_not_mix() {
    let tube = "
nodes:
  count: {type: test.count, params: {start: 1}}
  range: {type: test.range, depends: [{n: count.index}]}
  items: {type: map, depends: [{value: range.value}]}
  twice: {type: test.double, depends: [{value: items.value}]}
  all: {type: gather, depends: [{value: twice.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";
    each(tube, |runner| {
        let returned = runner.run(40).unwrap();
        let expected: Vec<_> = (1..=40).map(|n| list((0..n).map(|i| 2 * i))).collect();
        assert_eq!(returned, expected);
    });
}

#[test]
fn gathered_values_of_a_failed_epoch_are_dropped() {
    let tube = "
input:
  items: {type: list, scope: process}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  picky: {type: test.fail_at, params: {at: 3}, depends: [{value: items.value}]}
  all: {type: gather, depends: [{value: picky.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";
    each(tube, |runner| {
        for _ in 0..3 {
            let error = runner.process(inputs([("items", list(0..6))])).unwrap_err();
            assert!(error.to_string().contains("`picky`"), "{error}");
            let next = runner.process(inputs([("items", list(4..8))])).unwrap();
            assert_eq!(next, Some(list(4..8)));
        }
    });
}

#[test]
fn several_gathers_below_one_map_all_complete() {
    let tube = "
input:
  n: {type: int, scope: process}
nodes:
  list: {type: test.range, depends: [{n: input.n}]}
  items: {type: map, depends: [{value: list.value}]}
  twice: {type: test.double, depends: [{value: items.value}]}
  all: {type: gather, depends: [{value: items.value}, {n: items.n}]}
  other: {type: gather, depends: [{value: twice.value}, {n: items.n}]}
  last: {type: gather, params: {n: 1}, depends: [{value: twice.value}]}
  return: {type: return, depends: [{all: all.value}, {other: other.value}, {last: last.value}]}
";
    each(tube, |runner| {
        for n in [3, 1, 4] {
            let list =
                |times: i64| Value::from((0..n).map(|i| Value::Int(times * i)).collect::<Vec<_>>());
            let last = Value::from([Value::Int(2 * (n - 1))]);
            let expected = inputs([("all", list(1)), ("other", list(2)), ("last", last)]);
            let returned = runner.process(inputs([("n", Value::Int(n))])).unwrap();
            assert_eq!(returned, Some(Value::Map(expected.into())));
        }
    });
}

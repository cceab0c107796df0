//! Iterators over results, callbacks, and results of closed epochs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use noob_zmq::graph::{Emit, Epoch, Event, Map, Value};
use noob_zmq::runner::{RunError, Runner, RunnerExt};
use noob_zmq_tests::runners::{each, tube, zmq_with};

const CHAIN: &str = "
nodes:
  count: {type: test.count, params: {limit: 1000}}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";

const EVERY_FIFTH: &str = "
nodes:
  count: {type: test.count, params: {limit: 23}}
  five: {type: gather, params: {n: 5}, depends: [{value: count.index}]}
  return: {type: return, depends: five.value}
";

fn ints(values: impl IntoIterator<Item = i64>) -> Vec<Value> {
    values.into_iter().map(Value::Int).collect()
}

fn taken(runner: &mut dyn Runner, n: Option<u64>) -> Result<Vec<Value>, RunError> {
    runner.iter_up_to(n.into())?.collect()
}

#[test]
fn iter_returns_n_values_and_run_runs_n_epochs() {
    each(EVERY_FIFTH, |runner| {
        assert_eq!(taken(runner, Some(1)).unwrap(), [ints(0..5).into()]);
        assert_eq!(runner.run(5).unwrap(), [ints(5..10).into()]);
        // No epoch was run beyond those that were needed.
        assert_eq!(runner.run(4).unwrap(), []);
        assert_eq!(
            taken(runner, Some(2)).unwrap(),
            [ints(10..15).into(), ints(15..20).into()]
        );
    });
}

#[test]
fn iter_with_count_fails_when_sources_end_early() {
    each(EVERY_FIFTH, |runner| {
        let mut values = runner.iter(5).unwrap();
        for first in [0, 5, 10, 15] {
            assert_eq!(
                values.next().unwrap().unwrap(),
                ints(first..first + 5).into()
            );
        }
        assert!(matches!(values.next(), Some(Err(RunError::Exhausted))));
        assert!(values.next().is_none());
    });
    each(EVERY_FIFTH, |runner| {
        assert_eq!(taken(runner, None).unwrap().len(), 4);
        assert_eq!(taken(runner, None).unwrap(), []);
    });
}

#[test]
fn unread_results_are_returned_to_the_next_reader() {
    each(CHAIN, |runner| {
        let first: Vec<Value> = runner
            .iter_all()
            .unwrap()
            .take(3)
            .map(Result::unwrap)
            .collect();
        assert_eq!(first, ints([0, 2, 4]));
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(6)));
        assert_eq!(runner.run(2).unwrap(), ints([8, 10]));
        assert_eq!(taken(runner, Some(2)).unwrap(), ints([12, 14]));
        let mut stopped = Vec::new();
        let _ = runner.run_each_all(&mut |value| {
            stopped.push(value);
            std::ops::ControlFlow::Break(())
        });
        assert_eq!(stopped, ints([16]));
        let rest = runner.run_all().unwrap();
        assert_eq!(rest, ints((9..1000).map(|i| 2 * i)));
        assert!(matches!(
            runner.process(Map::new()),
            Err(RunError::Exhausted)
        ));
    });
}

#[test]
fn failed_epoch_leaves_other_epochs_intact() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 30}}
  picky: {type: test.fail_at, params: {at: 3}, depends: [{value: count.index}]}
  return: {type: return, depends: picky.value}
";
    each(tube, |runner| {
        let mut values = runner.iter_all().unwrap();
        for i in 0..3 {
            assert_eq!(values.next().unwrap().unwrap(), Value::Int(i));
        }
        assert!(matches!(values.next(), Some(Err(RunError::Node(_)))));
        assert!(values.next().is_none());
        drop(values);
        assert_eq!(taken(runner, None).unwrap(), ints(4..30));
    });
}

#[test]
fn reader_that_stops_holds_the_source_back() {
    let mut private = zmq_with(tube(CHAIN), |builder| builder.window(4));
    let heard = Arc::new(Mutex::new(0));
    let ear = Arc::clone(&heard);
    private.runner.add_callback(Box::new(move |event: &Event| {
        if &*event.node_id == "count" {
            *ear.lock().unwrap() = event.epoch.number();
        }
    }));
    private.runner.init().unwrap();
    let mut values = private.runner.iter_all().unwrap();
    for _ in 0..9 {
        values.next().unwrap().unwrap();
    }
    drop(values);
    // Every requested epoch has completed once all results were returned.
    let begun = Arc::clone(&heard);
    while private.runner.process(Map::new()).unwrap() != Some(Value::Int(24)) {}
    let begun = *begun.lock().unwrap();
    assert!(
        begun <= 12,
        "nine were read and four may be ahead; {begun} were begun"
    );
}

#[test]
fn reader_gives_up_after_max_iter_loops() {
    let tube = "
nodes:
  count: {type: test.count}
  many: {type: gather, params: {n: 20}, depends: [{value: count.index}]}
  return: {type: return, depends: many.value}
";
    each(tube, |runner| {
        assert_eq!(runner.max_iter_loops(), 100);
        runner.set_max_iter_loops(19);
        let error = taken(runner, Some(1)).unwrap_err();
        assert!(
            matches!(error, RunError::NothingReturned { epochs: 19 }),
            "{error}"
        );
        runner.set_max_iter_loops(20);
        assert_eq!(
            taken(runner, Some(2)).unwrap(),
            [ints(0..20).into(), ints(20..40).into()]
        );
    });
}

#[test]
fn iter_without_return_yields_null_for_each_epoch() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 7}}
";
    each(tube, |runner| {
        assert_eq!(taken(runner, Some(3)).unwrap(), vec![Value::Null; 3]);
        // The epoch in which the source ends counts too.
        assert_eq!(taken(runner, None).unwrap(), vec![Value::Null; 5]);
    });
}

#[test]
fn stop_ends_the_next_iter_before_its_first_epoch() {
    each(CHAIN, |runner| {
        runner.init().unwrap();
        assert_eq!(runner.stop().unwrap(), 0);
        assert_eq!(taken(runner, Some(2)).unwrap(), []);
        assert_eq!(taken(runner, Some(2)).unwrap(), ints([0, 2]));
    });
}

#[test]
fn callbacks_receive_every_event() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 4}}
  even: {type: test.even, depends: [{value: count.index}]}
  twice: {type: test.double, depends: [{value: even.value}]}
  return: {type: return, depends: [{twice: twice.value}]}
";
    each(tube, |runner| {
        let heard: Arc<Mutex<Vec<Event>>> = Arc::default();
        let ear = Arc::clone(&heard);
        runner.add_callback(Box::new(move |event| {
            ear.lock().unwrap().push(event.clone())
        }));
        runner.run_all().unwrap();
        let mut by_node: BTreeMap<String, Vec<(u32, Emit)>> = BTreeMap::new();
        for event in heard.lock().unwrap().drain(..) {
            let node = by_node.entry(event.node_id.to_string()).or_default();
            node.push((event.epoch.number(), event.value));
        }
        let value = |i| Emit::Value(Value::Int(i));
        let counted = [
            (0, value(0)),
            (1, value(1)),
            (2, value(2)),
            (3, value(3)),
            (4, Emit::Exhausted),
        ];
        assert_eq!(by_node["count"], counted);
        let even = [
            (0, value(0)),
            (1, Emit::Nothing),
            (2, value(2)),
            (3, Emit::Nothing),
        ];
        assert_eq!(by_node["even"], even);
        assert_eq!(by_node["twice"], [(0, value(0)), (2, value(4))]);
        // All slots of a return are optional, so it is called in every epoch.
        let mut called: Vec<u32> = by_node["return"].iter().map(|(epoch, _)| *epoch).collect();
        called.sort_unstable();
        assert_eq!(called, [0, 1, 2, 3, 4]);
    });
}

#[test]
fn collect_return_repeats_the_result_of_an_epoch() {
    each(CHAIN, |runner| {
        assert_eq!(runner.collect_return(None), None);
        runner.process(Map::new()).unwrap();
        runner.process(Map::new()).unwrap();
        assert_eq!(runner.collect_return(None), Some(Value::Int(2)));
        assert_eq!(
            runner.collect_return(Some(&Epoch::root(1))),
            Some(Value::Int(2))
        );
        assert_eq!(runner.collect_return(Some(&Epoch::root(0))), None);
        assert_eq!(runner.collect_return(Some(&Epoch::root(2))), None);
    });
}

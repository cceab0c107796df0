//! Runs a tube for each test, in the thread of the test.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use crate::graph::spec::{Library, load};
use crate::graph::{Emit, Event, Map, Source, Value};
use crate::node::Registry;
use crate::runner::{Phase, RunError, Runner, RunnerExt, SyncRunner};
use crate::{Signals, node};

#[node(name = "sync_test.count", signal = "index")]
fn count(#[slot(default = 1000)] limit: i64) -> impl Iterator<Item = i64> {
    0..limit
}

#[node(name = "sync_test.double")]
fn double(value: i64) -> i64 {
    value * 2
}

#[node(name = "sync_test.refuse")]
fn refuse(value: i64, #[slot(default = 1)] at: i64) -> Result<i64, String> {
    if value == at {
        Err(format!("{value} is not wanted"))
    } else {
        Ok(value)
    }
}

#[node(name = "sync_test.panic")]
fn panic(value: i64) -> i64 {
    assert!(value != 1, "one is too many");
    value
}

#[node(name = "sync_test.add")]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[derive(Signals)]
struct Parity {
    even: Emit<i64>,
    odd: Emit<i64>,
}

#[node(name = "sync_test.parity")]
fn parity(value: i64) -> Parity {
    if value % 2 == 0 {
        Parity {
            even: Emit::Value(value),
            odd: Emit::Nothing,
        }
    } else {
        Parity {
            even: Emit::Nothing,
            odd: Emit::Value(value),
        }
    }
}

#[node(name = "sync_test.range")]
fn range(value: i64) -> Vec<i64> {
    (0..value).collect()
}

#[node(name = "sync_test.total")]
fn total(values: Vec<i64>) -> i64 {
    values.iter().sum()
}

struct Sum {
    sum: i64,
}

#[node(name = "sync_test.Sum")]
impl Sum {
    fn new() -> Self {
        Self { sum: 0 }
    }

    #[process]
    fn add(&mut self, value: i64) -> i64 {
        self.sum += value;
        self.sum
    }

    #[deinit]
    fn end(&mut self) -> Result<(), String> {
        if self.sum == 91 {
            Err("91 does not go quietly".into())
        } else {
            Ok(())
        }
    }
}

fn runner_of(nodes: &str, tubes: &[(&str, &str)]) -> SyncRunner {
    let text = |nodes: &str, id: &str| {
        Source::new(
            format!("{id}.yaml"),
            format!(
                "noob_id: {id}
noob_model: noob.tube.TubeSpecification
noob_version: 1.0.0
{nodes}"
            ),
        )
    };
    let mut library = Library::default();
    for (id, nodes) in tubes {
        library.insert(*id, text(nodes, id));
    }
    let types = Registry::get().expect("a registry");
    let tube = load(&text(nodes, "test"), types, &library, &Map::new())
        .unwrap_or_else(|errors| panic!("{}", errors.render()));
    SyncRunner::new(tube).expect("a runner")
}

fn runner(nodes: &str) -> SyncRunner {
    runner_of(nodes, &[])
}

fn values(runner: &mut SyncRunner, epochs: usize) -> Vec<String> {
    let shown = |value: Option<Value>| {
        value.map_or_else(
            || "-".to_owned(),
            |value| value.to_string().replace('"', ""),
        )
    };
    (0..epochs)
        .map(|_| shown(runner.process(Map::new()).expect("no error")))
        .collect()
}

fn input(name: &str, value: i64) -> Map {
    [(name.to_owned(), Value::Int(value))].into_iter().collect()
}

#[test]
fn a_chain_gives_a_value_an_epoch_and_ends_with_its_source() {
    let mut runner = runner(
        "nodes:
  a: {type: sync_test.count, params: {limit: 2}}
  b: {type: sync_test.double, depends: [{value: a.index}]}
  c: {type: return, depends: b.value}
",
    );
    assert!(!runner.running());
    assert_eq!(values(&mut runner, 3), ["0", "2", "-"]);
    assert!(runner.running() && runner.exhausted());
    assert!(matches!(
        runner.process(Map::new()),
        Err(RunError::Exhausted)
    ));
    // A new start is a new start.
    runner.deinit().expect("no error");
    assert!(!runner.running());
    assert_eq!(values(&mut runner, 2), ["0", "2"]);
}

#[test]
fn run_ends_with_the_sources_or_with_the_number_or_when_told() {
    let tube = "nodes:
  a: {type: sync_test.count, params: {limit: 5}}
  p: {type: sync_test.parity, depends: [{value: a.index}]}
  c: {type: return, depends: p.even}
";
    assert_eq!(
        runner(tube).run_all().expect("no error"),
        [0.into(), 2.into(), Value::from(4)]
    );
    assert_eq!(
        runner(tube).run(3).expect("no error"),
        [0.into(), Value::from(2)]
    );
    let mut seen = Vec::new();
    let epochs = runner(tube).run_each_all(&mut |value| {
        seen.push(value);
        if seen.len() == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!((epochs.expect("no error"), seen.len()), (3, 2));
    assert_eq!(
        runner(tube)
            .run_each_all(&mut |_| ControlFlow::Continue(()))
            .expect("no error"),
        5,
        "that of the end does not count"
    );
    let disabled = "nodes:\n  a: {type: sync_test.count, enabled: false}\n";
    assert_eq!(
        runner(disabled)
            .run_each_all(&mut |_| ControlFlow::Continue(()))
            .expect("no error"),
        0
    );
}

#[test]
fn an_error_says_which_node_where_and_when_and_the_next_epoch_runs() {
    let mut runner = runner(
        "nodes:
  a: {type: sync_test.count}
  s: {type: sync_test.Sum, depends: [{value: a.index}]}
  b:
    type: sync_test.refuse
    depends: [{value: a.index}]
  c: {type: return, depends: [{b: b.value}, {s: s.value}]}
",
    );
    assert_eq!(values(&mut runner, 1), ["{b: 0, s: 0}"]);
    let Err(RunError::Node(failure)) = runner.process(Map::new()) else {
        panic!("no error of a node")
    };
    assert_eq!(
        (
            &*failure.node,
            failure.phase,
            failure.epoch.map(|epoch| epoch.number())
        ),
        ("b", Phase::Process, Some(1))
    );
    assert_eq!(failure.place.as_deref(), Some("test.yaml:7:3"));
    assert_eq!(failure.error.message, "1 is not wanted");
    assert_eq!(values(&mut runner, 1), ["{b: 2, s: 3}"]);
    assert_eq!(runner.kept(), 0);
}

#[test]
fn a_panic_is_an_error_with_its_place_in_the_code() {
    let mut runner = runner(
        "nodes:
  a: {type: sync_test.count}
  b: {type: sync_test.panic, depends: [{value: a.index}]}
  c: {type: return, depends: b.value}
",
    );
    assert_eq!(values(&mut runner, 1), ["0"]);
    let Err(RunError::Node(failure)) = runner.process(Map::new()) else {
        panic!("no error of a node")
    };
    assert!(
        failure.error.message.contains("one is too many"),
        "{failure}"
    );
    assert!(
        failure
            .error
            .panicked_at
            .as_deref()
            .is_some_and(|at| at.contains("sync/tests.rs:")),
        "{failure}"
    );
    assert_eq!(values(&mut runner, 1), ["2"]);
}

#[test]
fn inputs_are_checked_before_anything_runs() {
    let mut runner = runner(
        "input:
  k: {type: int, scope: process}
  j: {type: int, scope: process, default: 10}
nodes:
  a: {type: sync_test.count}
  b: {type: sync_test.add, depends: [{a: a.index}, {b: input.k}]}
  d: {type: sync_test.add, depends: [{a: b.value}, {b: input.j}]}
  c: {type: return, depends: d.value}
",
    );
    let Err(RunError::Input(error)) = runner.process(Map::new()) else {
        panic!("no error of an input")
    };
    let text = error.to_string();
    assert!(
        text.contains("`k` (int)") && !text.contains("`j`"),
        "{text}"
    );
    assert!(!runner.running());
    assert_eq!(
        runner.process(input("k", 5)).expect("no error"),
        Some(Value::from(15)),
        "epoch 0 was not used up"
    );
    // What is not declared is left out.
    let mut given = input("k", 5);
    given.insert("kk".into(), Value::Null);
    given.insert("j".into(), Value::from(100));
    assert_eq!(
        runner.process(given).expect("no error"),
        Some(Value::from(106))
    );
    assert!(matches!(runner.run(1), Err(RunError::Input(_))));
}

#[test]
fn nodes_start_anew_after_each_deinit() {
    let tube = "nodes:
  a: {type: sync_test.count}
  b: {type: sync_test.Sum, depends: [{value: a.index}]}
  c: {type: return, depends: b.value}
";
    let mut runner = runner(tube);
    values(&mut runner, 1);
    runner.deinit().expect("no error");
    runner.deinit().expect("nothing to do");
    // 0 + 1 + .. + 13 = 91; the node starts from 0 each time.
    values(&mut runner, 14);
    let Err(RunError::Node(failure)) = runner.deinit() else {
        panic!("no error of a node")
    };
    assert_eq!((&*failure.node, failure.phase), ("b", Phase::Deinit));
    assert!(!runner.running());
    assert_eq!(runner.run(1).expect("no error"), [Value::from(0)]);
}

#[test]
fn callbacks_hear_every_event_in_order_and_nothing_of_an_epoch_before_it() {
    let mut runner = runner(
        "nodes:
  a: {type: sync_test.count}
  p: {type: sync_test.parity, depends: [{value: a.index}]}
  c: {type: return, depends: [{odd: p.odd}]}
",
    );
    let heard = Arc::new(Mutex::new(Vec::<Event>::new()));
    let ear = Arc::clone(&heard);
    runner.add_callback(Box::new(move |event| {
        ear.lock().expect("no panic").push(event.clone());
    }));
    values(&mut runner, 2);
    let heard = heard.lock().expect("no panic");
    let text: Vec<String> = heard
        .iter()
        .map(|event| {
            let value = event
                .value
                .as_ref()
                .value()
                .map_or_else(|| "-".into(), ToString::to_string);
            format!("{} {}.{} {value}", event.epoch, event.node_id, event.signal)
        })
        .collect();
    let expected = [
        "0 a.index 0",
        "0 p.even 0",
        "0 p.odd -",
        "0 c.value -",
        "1 a.index 1",
        "1 p.even -",
        "1 p.odd 1",
        "1 c.value -",
    ];
    assert_eq!(text, expected);
    assert_eq!(heard[1].timestamp, heard[2].timestamp);
    let mut ids: Vec<u64> = heard.iter().map(|event| event.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 8);
}

#[test]
fn a_map_runs_what_is_below_it_for_each_item_and_a_gather_puts_them_together() {
    let mut runner = runner(
        "nodes:
  a: {type: sync_test.count}
  r: {type: sync_test.range, depends: [{value: a.index}]}
  m: {type: map, depends: [{value: r.value}]}
  d: {type: sync_test.double, depends: [{value: m.value}]}
  g: {type: gather, depends: [{value: d.value}, {n: m.n}]}
  t: {type: sync_test.total, depends: [{values: g.value}]}
  c: {type: return, depends: [{n: a.index}, {d: d.value}, {t: t.value}]}
",
    );
    let expected = [
        "{n: 0, t: 0}",
        "{n: 1, d: 0, t: 0}",
        "{n: 2, d: [0, 2], t: 2}",
        "{n: 3, d: [0, 2, 4], t: 6}",
    ];
    assert_eq!(values(&mut runner, 4), expected);
    assert_eq!(runner.kept(), 0);
}

#[test]
fn a_tube_inside_a_tube_has_its_inputs_as_slots_and_its_return_as_signals() {
    let inner = "input:
  x: {type: int, scope: process}
nodes:
  s: {type: sync_test.Sum, depends: [{value: input.x}]}
  p: {type: sync_test.parity, depends: [{value: s.value}]}
  c: {type: return, depends: [{even: p.even}, {sum: s.value}]}
";
    let mut runner = runner_of(
        "nodes:
  a: {type: sync_test.count}
  t: {type: tube, params: {tube: inner}, depends: [{x: a.index}]}
  c: {type: return, depends: [{even: t.even}, {sum: t.sum}]}
",
        &[("inner", inner)],
    );
    assert_eq!(
        values(&mut runner, 4),
        [
            "{even: 0, sum: 0}",
            "{sum: 1}",
            "{sum: 3}",
            "{even: 6, sum: 6}"
        ]
    );
}

#[test]
fn what_happens_inside_a_tube_is_heard_outside() {
    let ends = "nodes:
  a: {type: sync_test.count, params: {limit: 1}}
  c: {type: return, depends: a.index}
";
    let mut ending = runner_of(
        "nodes:\n  t: {type: tube, params: {tube: inner}}\n  c: {type: return, depends: t.value}\n",
        &[("inner", ends)],
    );
    assert_eq!(values(&mut ending, 2), ["0", "-"]);
    assert!(matches!(
        ending.process(Map::new()),
        Err(RunError::Exhausted)
    ));

    let fails = "nodes:
  a: {type: sync_test.count}
  b: {type: sync_test.refuse, depends: [{value: a.index}]}
  c: {type: return, depends: b.value}
";
    let mut failing = runner_of(
        "nodes:\n  t: {type: tube, params: {tube: inner}}\n  c: {type: return, depends: t.value}\n",
        &[("inner", fails)],
    );
    assert_eq!(values(&mut failing, 1), ["0"]);
    let error = failing
        .process(Map::new())
        .expect_err("an error")
        .to_string();
    assert!(
        error.contains("node `b` (inner.yaml:6:3)") && error.ends_with("1 is not wanted"),
        "{error}"
    );
    assert_eq!(values(&mut failing, 1), ["2"]);
}

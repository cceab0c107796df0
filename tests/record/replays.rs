//! `noob-zmq run --replay`, and replays in a program.

use noob_zmq::graph::Value;
use noob_zmq::record::{Pace, Record, Recording, Replay};
use noob_zmq::runner::{Runner, SyncRunner};
use noob_zmq_tests::runners::tube;

use crate::fixture::{CHAIN, Rig};

#[test]
fn replay_returns_the_values_of_the_record() {
    let rig = Rig::new(CHAIN);
    let recorded = rig.ok("run t.yaml -n 20 --record a.mcap");
    for runner in ["zmq", "task", "sync"] {
        for nodes in ["", "--nodes count", "--nodes twice,even"] {
            let limit = if nodes.contains("twice") { "-n 20" } else { "" };
            let line = format!("run t.yaml --replay a.mcap --runner {runner} {nodes} {limit}");
            assert_eq!(rig.ok(&line), recorded, "{line}");
        }
    }
    rig.ok("run t.yaml --replay a.mcap --nodes count --record b.mcap");
    assert_eq!(rig.ok("record diff a.mcap b.mcap"), "equal: 20 epochs\n");
}

#[test]
fn replay_below_a_map_answers_each_item() {
    let rig = Rig::new(
        "
  count: {type: test.count, params: {start: 1}}
  range: {type: test.range, depends: [{n: count.index}]}
  map: {type: map, depends: [{value: range.value}]}
  twice: {type: test.double, depends: [{value: map.value}]}
  even: {type: test.even, depends: [{value: twice.value}]}
  all: {type: gather, depends: [{value: even.value}, {n: map.n}]}
  return: {type: return, depends: all.value}
",
    );
    let recorded = rig.ok("run t.yaml -n 4 --record a.mcap");
    for line in [
        "run t.yaml --replay a.mcap",
        "run t.yaml --replay a.mcap --runner sync",
        "run t.yaml -n 4 --replay a.mcap --nodes twice",
    ] {
        assert_eq!(rig.ok(line), recorded, "{line}");
    }
}

#[test]
fn inputs_come_from_the_record() {
    let rig = Rig::new("");
    let text = "noob_id: t
input: {x: {type: int, scope: process}, by: {type: int}}
nodes:
  sum: {type: test.add, depends: [{left: input.x}, {right: input.by}]}
  return: {type: return, depends: sum.value}
";
    rig.write("t.yaml", text);
    rig.write("inputs", "{\"x\": 1}\n{\"x\": 5}\n{\"x\": 7}\n");
    let recorded = rig.ok("run t.yaml --inputs inputs -i by=10 --record a.mcap");
    assert_eq!(recorded, "11\n15\n17\n");
    // The node runs, and is given the recorded inputs of both scopes.
    rig.write("u.yaml", &text.replace("sum", "total"));
    let error = rig.fails("run u.yaml --replay a.mcap");
    assert!(error.contains("the record has a node `sum`"), "{error}");
    rig.ok("run t.yaml --inputs inputs -i by=10 --record b.mcap --signals !*");
    for runner in ["zmq", "sync"] {
        let line = format!("run t.yaml --replay a.mcap --runner {runner}");
        assert_eq!(rig.ok(&line), recorded);
    }
}

#[test]
fn node_that_is_silent_at_the_end_leaves_others_to_run() {
    let rig = Rig::new("");
    let text = "noob_id: t
input: {x: {type: int, scope: process}}
nodes:
  even: {type: test.even, depends: [{value: input.x}]}
  twice: {type: test.double, depends: [{value: even.value}]}
  return: {type: return, depends: [{twice: twice.value}, {x: input.x}]}
";
    rig.write("t.yaml", text);
    rig.write("inputs", "{\"x\": 2}\n{\"x\": 1}\n{\"x\": 3}\n{\"x\": 5}\n");
    let recorded = rig.ok("run t.yaml --inputs inputs --json --record a.mcap");
    assert_eq!(
        recorded,
        "{\"twice\":4,\"x\":2}\n{\"x\":1}\n{\"x\":3}\n{\"x\":5}\n"
    );
    for runner in ["zmq", "task", "sync"] {
        let line = format!("run t.yaml --json --replay a.mcap --runner {runner}");
        assert_eq!(rig.ok(&line), recorded, "{runner}");
    }
}

#[test]
fn changed_tube_says_what_does_not_fit() {
    let rig = Rig::new(CHAIN);
    rig.ok("run t.yaml -n 2 --record a.mcap --signals count.*,twice.*");
    let error = |nodes: String, more: &str| {
        rig.write("u.yaml", &format!("noob_id: t\nnodes:{nodes}"));
        rig.fails(&format!("run u.yaml --replay a.mcap {more}"))
    };
    let unknown = error(CHAIN.replace("twice", "twices"), "");
    assert!(unknown.contains("a node `twice`"), "{unknown}");
    assert!(unknown.contains("did you mean `twices`?"), "{unknown}");
    let missing = error(CHAIN.to_owned(), "--nodes even");
    let words = "the record has no signals of the node `even`; it has `count`, `twice`";
    assert!(missing.contains(words), "{missing}");
    let signal = error(
        CHAIN
            .replace("test.count", "test.double, params: {value: 3}")
            .replace("count.index", "count.value"),
        "--nodes count",
    );
    assert!(signal.contains("the signal `count.value`"), "{signal}");
    let twice = "test.double, depends: [{value: count.index}]";
    let range = "test.range, depends: [{n: count.index}]";
    let of_type = error(CHAIN.replace(twice, range), "--nodes twice");
    assert!(of_type.contains("is of type `"), "{of_type}");
    assert!(of_type.contains("`i64` in the record"), "{of_type}");
    let special = error(CHAIN.to_owned(), "--nodes return");
    assert!(special.contains("`type: return`"), "{special}");
}

#[test]
fn values_of_every_kind_come_back_whole() {
    let tensor = noob_zmq::graph::Tensor {
        dtype: "<f4".into(),
        shape: [2, 3].into(),
        data: vec![7; 24].into(),
    };
    let nested: Value = [
        ("data", Value::Bytes(vec![1, 2, 3].into())),
        (
            "list",
            Value::from(vec![Value::from(tensor.clone()), Value::Null]),
        ),
        ("dtype", Value::from("bytes")),
        ("shape", Value::from(vec![Value::from(3)])),
    ]
    .into_iter()
    .collect();
    let one = |key: &str, value: Value| Value::from_iter([(key.to_owned(), value)]);
    let values = [
        Value::Null,
        Value::from(true),
        Value::from(u64::MAX),
        Value::from(i64::MIN),
        Value::integer("123456789012345678901234567890").unwrap(),
        Value::from(f64::NAN),
        Value::from(-0.0),
        Value::from("ä\n\u{0}"),
        Value::Bytes(vec![0, 255].into()),
        Value::from(tensor),
        nested,
        Value::List(noob_zmq::graph::List::packed(vec![1.5_f32; 1000])),
        Value::from(vec![Value::from(1.0), Value::from(1)]),
        one("$float", Value::from("NaN")),
        one("$$int", Value::from("1")),
        one("$bytes", Value::Bytes(vec![1].into())),
        one("$emit", Value::from("nothing")),
        (0..99).fold(Value::Null, |inner, _| Value::from(vec![inner])),
    ];
    let text = "
nodes:
  echo: {type: test.echo, depends: [{value: input.x}]}
  return: {type: return, depends: echo.value}
input: {x: {type: any, scope: process}}
";
    let dir = tempfile::TempDir::with_prefix("nzr").unwrap();
    let file = dir.path().join("a.mcap");
    let mut runner = SyncRunner::new(tube(text)).unwrap();
    runner.record(Recording::new(&file)).unwrap();
    for value in &values {
        let inputs = [("x".to_owned(), value.clone())].into_iter().collect();
        runner.process_map(inputs).unwrap();
    }
    runner.deinit().unwrap();
    assert_eq!(
        runner.recorded().map(|counts| counts.epochs),
        Some(values.len() as u64)
    );
    let replay = Replay::open(&file).unwrap().pace(Pace::Real);
    let inputs = replay.inputs().unwrap();
    let mut runner = SyncRunner::new(replay.tube(tube(text)).unwrap()).unwrap();
    for (value, inputs) in values.iter().zip(inputs) {
        assert!(inputs["x"].same(value), "{value}");
        let replayed = runner.process_map(inputs).unwrap().unwrap();
        assert!(replayed.same(value), "{value} became {replayed}");
    }
    let record = Record::open(&file).unwrap();
    assert!(record.is_complete() && record.epochs().len() == values.len());
}

#[test]
fn record_begins_with_its_run() {
    let dir = tempfile::TempDir::with_prefix("nzr").unwrap();
    let mut runner = SyncRunner::new(tube(&format!("nodes:{CHAIN}"))).unwrap();
    runner.record(Recording::new(dir.path().join("a"))).unwrap();
    let again = runner.record(Recording::new(dir.path().join("b")));
    assert!(
        again
            .unwrap_err()
            .to_string()
            .contains("one file at a time")
    );
    runner.run(2).unwrap();
    let late = runner.record(Recording::new(dir.path().join("b")));
    assert!(late.unwrap_err().to_string().contains("before `init`"));
    runner.deinit().unwrap();
    // The next run has a record of its own, and its epochs go on.
    runner.record(Recording::new(dir.path().join("b"))).unwrap();
    runner.run(1).unwrap();
    runner.deinit().unwrap();
    let epochs = |name: &str| {
        let record = Record::open(dir.path().join(name)).unwrap();
        let epochs: Vec<u32> = record.epochs().map(|marker| marker.epoch).collect();
        epochs
    };
    assert_eq!((epochs("a"), epochs("b")), (vec![0, 1], vec![2]));
}

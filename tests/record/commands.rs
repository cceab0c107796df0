//! `noob-zmq run --record` and `noob-zmq record`.

use serde_json::json;

use crate::fixture::{CHAIN, Rig};

const CHAIN_EVENTS: [&str; 6] = [
    "0 count.index 0",
    "0 even.value 0",
    "0 twice.value 0",
    "1 count.index 1",
    "1 even.value \"nothing\"",
    "1 twice.value 2",
];

#[test]
fn record_has_every_event_on_every_runner() {
    let rig = Rig::new(CHAIN);
    for runner in ["zmq", "task", "sync"] {
        rig.ok(&format!(
            "run t.yaml -n 2 --runner {runner} --record {runner}.mcap"
        ));
        assert_eq!(
            rig.events(&format!("{runner}.mcap")),
            CHAIN_EVENTS,
            "{runner}"
        );
        let info = rig.info(&format!("{runner}.mcap"));
        assert_eq!(
            info["epochs"],
            json!({"done": 2, "failed": 0, "skipped": 0})
        );
        assert_eq!(
            (&info["complete"], &info["tube"]),
            (&json!(true), &json!("t"))
        );
        assert_eq!(info["files"], json!(["t.yaml"]));
        assert_eq!(info["signals"][0]["type_name"], "i64");
    }
    assert_eq!(
        rig.ok("record diff zmq.mcap sync.mcap"),
        "equal: 2 epochs\n"
    );
}

#[test]
fn patterns_select_the_signals() {
    let rig = Rig::new(CHAIN);
    rig.ok("run t.yaml -n 2 --record a.mcap --signals *.value,!even.*");
    assert_eq!(rig.events("a.mcap"), ["0 twice.value 0", "1 twice.value 2"]);
    let error = rig.fails("run t.yaml -n 2 --record b.mcap --signals twice.valu");
    assert!(error.contains("did you mean `twice.value`?"), "{error}");
    assert!(!rig.path("b.mcap").exists());
    let error = rig.fails("run t.yaml -n 2 --signals twice.value");
    assert!(error.contains("--record"), "{error}");
}

#[test]
fn events_of_a_map_are_in_their_sub_epochs() {
    let rig = Rig::new(
        "
  count: {type: test.count, params: {start: 2}}
  range: {type: test.range, depends: [{n: count.index}]}
  map: {type: map, depends: [{value: range.value}]}
  twice: {type: test.double, depends: [{value: map.value}]}
  all: {type: gather, depends: [{value: twice.value}, {n: map.n}]}
  return: {type: return, depends: all.value}
",
    );
    assert_eq!(rig.ok("run t.yaml -n 1 --record a.mcap --json"), "[0,2]\n");
    let events = rig.events("a.mcap");
    for event in [
        "[0,[\"map\",1]] twice.value 2",
        "0 all.value [0,2]",
        "0 map.n 2",
    ] {
        assert!(events.contains(&event.to_owned()), "{event}: {events:?}");
    }
}

#[test]
fn failed_and_skipped_epochs_have_their_marker() {
    let nodes = |policy: &str| {
        format!(
            "
  count: {{type: test.count}}
  frames: {{type: test.fail_at, params: {{at: 1}}, depends: [{{value: count.index}}]{policy}}}
  return: {{type: return, depends: frames.value}}
"
        )
    };
    let rig = Rig::new(&nodes(", on_error: skip"));
    let ran = rig.run("run t.yaml -n 3 --record a.mcap");
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "0\n2\n"),
        "{}",
        ran.err
    );
    assert_eq!(
        rig.info("a.mcap")["epochs"],
        json!({"done": 2, "failed": 0, "skipped": 1})
    );
    let replayed = rig.run("run t.yaml --replay a.mcap");
    assert_eq!(replayed.out, "0\n2\n", "{}", replayed.err);
    let rig = Rig::new(&nodes(""));
    let ran = rig.run("run t.yaml -n 3 --window 1 --record a.mcap");
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "0\n"));
    assert_eq!(
        rig.info("a.mcap")["epochs"],
        json!({"done": 1, "failed": 1, "skipped": 0})
    );
    let replayed = rig.run("run t.yaml --window 1 --replay a.mcap");
    assert_eq!((replayed.code, replayed.out), (ran.code, ran.out));
    assert_eq!(replayed.err, ran.err);
}

#[test]
fn diff_names_the_first_epoch_and_signal() {
    let rig = Rig::new(CHAIN);
    let other = CHAIN.replace("test.double", "test.echo");
    rig.write("other.yaml", &format!("noob_id: t\nnodes:{other}"));
    rig.ok("run t.yaml -n 3 --record a.mcap");
    rig.ok("run other.yaml -n 3 --record b.mcap");
    let ran = rig.run("record diff a.mcap b.mcap");
    let line = "epoch 1, `twice.value`: 2 in the first record, and 1 in the second\n";
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), line));
    rig.ok("run t.yaml -n 2 --record c.mcap");
    let ran = rig.run("record diff a.mcap c.mcap");
    let line = "epoch 2 is only in the first record\n";
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), line));
}

#[test]
fn file_of_an_earlier_run_is_not_overwritten() {
    let rig = Rig::new(CHAIN);
    rig.write("a.mcap", "precious");
    let error = rig.fails("run t.yaml -n 2 --record a.mcap");
    assert!(error.contains("exists already"), "{error}");
    assert_eq!(std::fs::read(rig.path("a.mcap")).unwrap(), b"precious");
    let error = rig.fails("record info a.mcap");
    assert!(error.contains("does not begin as an MCAP file"), "{error}");
}

#[test]
fn full_disk_ends_the_run() {
    let rig = Rig::new(CHAIN);
    let error = rig.fails("run t.yaml --record /dev/full");
    assert!(
        error.contains("`/dev/full` cannot be written: No space left"),
        "{error}"
    );
}

//! Records of runs that are killed: every epoch with an end marker is whole.
//!
//! `NOOB_RECORD_KILLS=200 cargo test -p noob-zmq-tests --test record killed` kills 200 runs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use noob_zmq::graph::{Emit, Value};
use noob_zmq::record::{Record, repair};
use noob_zmq_tests::processes::{left_in, wait_for};

use crate::fixture::{CHAIN, Rig};

#[test]
fn killed_run_leaves_whole_epochs() {
    let kills = std::env::var("NOOB_RECORD_KILLS").ok();
    let kills: u32 = kills.and_then(|text| text.parse().ok()).unwrap_or(10);
    let seed = SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos() | 1;
    let mut random = u64::from(seed);
    let (mut epochs, mut open) = (Vec::new(), 0);
    for kill in 0..kills {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let wait = Duration::from_micros((random >> 33) % 300_000);
        let (whole, cut) = kill_after(wait, ["zmq", "sync", "task"][kill as usize % 3]);
        epochs.push(whole);
        open += u32::from(cut > 0);
    }
    // A record that holds nothing proves nothing.
    assert!(epochs.iter().any(|whole| *whole > 0), "seed {seed}");
    println!(
        "{kills} kills: {} epochs, {open} with open epochs",
        epochs.iter().sum::<u64>()
    );
}

/// Kills a run this long after its first value; returns the number of whole epochs in its record,
/// and of those that were cut.
fn kill_after(wait: Duration, runner: &str) -> (u64, u64) {
    let rig = Rig::new(CHAIN);
    let mut child = rig
        .command(&format!(
            "run t.yaml --runner {runner} --record a.mcap --json"
        ))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next();
    // The output must not block the run.
    let reader = std::thread::spawn(move || lines.for_each(drop));
    // A moment at random, and not a wait for anything.
    std::thread::sleep(wait);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    assert!(first.is_some());
    wait_for("the end of all nodes", Duration::from_secs(20), || {
        left_in(&rig.path("r")).is_empty().then_some(())
    });
    let record = Record::open(rig.path("a.mcap")).unwrap();
    record.check().unwrap();
    assert!(!record.is_complete());
    let whole = check_whole(&record);
    let repaired = repair(&rig.path("a.mcap"), &rig.path("b.mcap")).unwrap();
    assert_eq!(repaired.epochs, whole);
    let record = Record::open(rig.path("b.mcap")).unwrap();
    assert!(record.is_complete());
    assert_eq!(check_whole(&record), whole);
    (whole, repaired.cut)
}

/// Checks that the epochs that count are the first ones, and have all events with their values.
fn check_whole(record: &Record) -> u64 {
    let mut events: BTreeMap<u32, BTreeMap<String, Emit>> = BTreeMap::new();
    record
        .each_event(|event| {
            let epoch = events.entry(event.epoch.number()).or_default();
            epoch.insert(event.node, event.emit.unwrap());
            true
        })
        .unwrap();
    let marked: Vec<u32> = record.epochs().map(|marker| marker.epoch).collect();
    let first: Vec<u32> = (0..).take(marked.len()).collect();
    assert_eq!(marked, first);
    for number in marked {
        let value = |value: i64| Emit::Value(Value::from(value));
        let count = i64::from(number);
        let even = if number % 2 == 0 {
            value(count)
        } else {
            Emit::Nothing
        };
        let expected: BTreeMap<String, Emit> = [
            ("count".to_owned(), value(count)),
            ("even".to_owned(), even),
            ("twice".to_owned(), value(2 * count)),
        ]
        .into();
        assert_eq!(events.get(&number), Some(&expected), "epoch {number}");
    }
    first.len() as u64
}

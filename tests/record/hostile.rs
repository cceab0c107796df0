//! Files that were cut or changed: clear errors, and never a value that was not recorded.

use std::path::Path;
use std::sync::OnceLock;

use noob_zmq::record::{Record, RecordedEvent, Recording, Replay, compare, repair};
use noob_zmq::runner::{Runner, SyncRunner};
use noob_zmq_tests::runners::tube;
use proptest::prelude::*;
use tempfile::TempDir;

const TUBE: &str = "
nodes:
  count: {type: test.count}
  range: {type: test.range, depends: [{n: count.index}]}
  frames: {type: test.frame, params: {size: 700}, depends: [{number: count.index}]}
  even: {type: test.even, depends: [{value: count.index}]}
  return: {type: return, depends: count.index}
";

/// A record, and its events.
fn recorded() -> &'static (Vec<u8>, Vec<RecordedEvent>) {
    static RECORD: OnceLock<(Vec<u8>, Vec<RecordedEvent>)> = OnceLock::new();
    RECORD.get_or_init(|| {
        let dir = TempDir::with_prefix("nzr").unwrap();
        let file = dir.path().join("a.mcap");
        let mut runner = SyncRunner::new(tube(TUBE)).unwrap();
        runner.record(Recording::new(&file)).unwrap();
        runner.run(12).unwrap();
        runner.deinit().unwrap();
        let events = events(&Record::open(&file).unwrap()).unwrap();
        assert_eq!(events.len(), 48);
        (std::fs::read(&file).unwrap(), events)
    })
}

fn events(record: &Record) -> Result<Vec<RecordedEvent>, String> {
    let mut events = Vec::new();
    let read = record.each_event(|event| {
        events.push(event);
        true
    });
    read.map(|()| events).map_err(|error| error.to_string())
}

/// Reads a file in every way, and checks that its events are those of the record.
fn read_all(bytes: &[u8]) -> Result<(), TestCaseError> {
    let dir = TempDir::with_prefix("nzr").unwrap();
    let file = dir.path().join("b.mcap");
    std::fs::write(&file, bytes).unwrap();
    let (_, original) = recorded();
    match Record::open(&file) {
        Err(error) => prop_assert!(error.to_string().contains("b.mcap"), "{error}"),
        Ok(record) => {
            let read = events(&record);
            if let Ok(read) = &read {
                prop_assert!(original.starts_with(read), "{read:?}");
                for marker in record.epochs() {
                    let of_epoch = |event: &&RecordedEvent| event.epoch.number() == marker.epoch;
                    prop_assert_eq!(read.iter().filter(of_epoch).count(), 4);
                }
            }
            let _ = (
                record.check(),
                record.inputs(),
                record.tube_files(),
                record.tube_inputs(),
            );
            if let Ok(same) = compare(&record, &record) {
                prop_assert_eq!(same.difference, None);
            }
            check_repair(&file, &dir.path().join("c.mcap"), record.epochs().len())?;
        }
    }
    if let Ok(replay) = Replay::open(&file)
        && let Ok(replayed) = replay.tube(tube(TUBE))
        && let Ok(mut runner) = SyncRunner::new(replayed)
    {
        let _ = runner.run(20);
    }
    Ok(())
}

fn check_repair(file: &Path, target: &Path, epochs: usize) -> Result<(), TestCaseError> {
    if let Ok(repaired) = repair(file, target) {
        prop_assert_eq!(repaired.epochs, epochs as u64);
        let record = Record::open(target);
        let record = record.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(record.is_complete());
        prop_assert_eq!(record.epochs().len(), epochs);
    }
    Ok(())
}

/// Replaces a part of the record by another of the same length, and opens the file.
fn opened_with(part: &str, other: &str) -> String {
    let (bytes, _) = recorded();
    let places = bytes.windows(part.len());
    let places = places.enumerate().filter(|(_, at)| *at == part.as_bytes());
    let place = places.map(|(at, _)| at).next().expect("the part");
    let mut bytes = bytes.clone();
    bytes[place..place + part.len()].copy_from_slice(other.as_bytes());
    let dir = TempDir::with_prefix("nzr").unwrap();
    let file = dir.path().join("b.mcap");
    std::fs::write(&file, bytes).unwrap();
    Record::open(&file).unwrap_err().to_string()
}

#[test]
fn metadata_that_cannot_be_read_are_an_error() {
    let error = opened_with("inputs\u{2}\0\0\0{}", "inputs\u{2}\0\0\0[]");
    assert!(error.contains("`inputs` are no map: list"), "{error}");
    let error = opened_with("inputs\u{2}\0\0\0{}", "input_\u{2}\0\0\0{}");
    assert!(error.contains("lack `inputs`"), "{error}");
    let error = opened_with("[\"count.index\"", "{\"count.index\"");
    assert!(error.contains("`signals` cannot be read"), "{error}");
    let error = opened_with("{\"count\":\"test.count\"", "[\"count\":\"test.count\"");
    assert!(error.contains("`nodes` cannot be read"), "{error}");
}

#[test]
fn parts_longer_than_any_memory_are_damage() {
    const TERABYTE: u64 = 1 << 40;
    let message = |len: u64| [&[5][..], &len.to_le_bytes(), &[0; 22]].concat();
    // Two times, two empty texts, and the length of the data.
    let attachment = |len: u64| {
        let head = [&[9][..], &(len + 36).to_le_bytes(), &[0; 24]].concat();
        [head, len.to_le_bytes().to_vec()].concat()
    };
    let (bytes, original) = recorded();
    let data_end = 1 + bytes
        .windows(9)
        .rposition(|at| *at == *b"\x0f\x04\0\0\0\0\0\0\0")
        .unwrap();
    for (name, lying) in [
        ("message", message(TERABYTE)),
        ("attachment", attachment(TERABYTE)),
    ] {
        let dir = TempDir::with_prefix("nzr").unwrap();
        let file = dir.path().join("b.mcap");
        // In place of the end of the data: the file is sparse, and so as long as it says.
        let head = [&bytes[..data_end - 1], &lying[..]].concat();
        std::fs::write(&file, head).unwrap();
        let sparse = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
        sparse.set_len(2 * TERABYTE).unwrap();
        let record = Record::open(&file).unwrap();
        let error = record.check().unwrap_err().to_string();
        assert!(error.contains(&format!("{name} has 1099511627")), "{error}");
        assert_eq!(&events(&record).unwrap(), original);
        check_repair(&file, &dir.path().join("c.mcap"), 12).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn cut_file_has_a_prefix_of_whole_epochs(at in 0.0..1.0) {
        let (bytes, _) = recorded();
        let at = (at * bytes.len() as f64) as usize;
        read_all(&bytes[..at])?;
    }

    #[test]
    fn changed_bits_are_found(
        flips in proptest::collection::vec((0.0..1.0, 0_u32..8), 1..4),
        cut in proptest::option::of(0.5..1.0),
    ) {
        let mut bytes = recorded().0.clone();
        for (at, bit) in flips {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            bytes.truncate((cut * bytes.len() as f64) as usize);
        }
        read_all(&bytes)?;
    }

    #[test]
    fn noise_is_no_record(noise in proptest::collection::vec(any::<u8>(), 0..500)) {
        let mut bytes = b"\x89MCAP0\r\n".to_vec();
        bytes.extend(noise);
        read_all(&bytes)?;
    }
}

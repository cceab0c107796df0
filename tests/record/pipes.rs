//! Records into pipes, whose readers are as slow as a disk may be.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use noob_zmq::record::Record;
use noob_zmq_tests::processes::{left_in, wait_for};

use crate::fixture::{Ran, Rig};

/// Frames of 1 MiB, and their number.
const FRAMES: &str = "
  count: {type: test.count, params: {limit: 150}}
  frames: {type: test.frame, params: {size: 1048576}, depends: [{number: count.index}]}
  return: {type: return, depends: count.index}
";

/// Starts a run that records into a pipe, which nobody reads yet.
fn start(rig: &Rig, more: &str) -> (Child, File) {
    let pipe = rig.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let child = rig
        .command(&format!("run t.yaml --json --record pipe {more}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Both ends are opened at the same time.
    (child, File::open(&pipe).unwrap())
}

/// Reads the pipe to its end into a file.
fn read_to(mut pipe: impl Read, target: &Path) {
    std::io::copy(&mut pipe, &mut File::create(target).unwrap()).unwrap();
}

#[test]
fn run_waits_for_a_disk_that_blocks() {
    let rig = Rig::new(FRAMES);
    let (mut child, pipe) = start(&rig, "");
    let out = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || out.lines().for_each(|line| drop(sender.send(line))));
    // The run stands still while nobody reads: no line comes, and the window bounds their number.
    lines.recv().unwrap().unwrap();
    let mut before = 1;
    while lines.recv_timeout(Duration::from_secs(2)).is_ok() {
        before += 1;
    }
    assert!(before < 130, "{before} of 150 epochs");
    read_to(pipe, &rig.path("a.mcap"));
    assert_eq!(before + lines.iter().count(), 150);
    assert!(child.wait().unwrap().success());
    let record = Record::open(rig.path("a.mcap")).unwrap();
    assert!(record.is_complete() && record.epochs().len() == 150);
    let frames = &record.signals()[1];
    assert_eq!((frames.events, frames.bytes >> 20), (150, 150));
    assert_eq!(left_in(&rig.path("r")), Vec::<String>::new());
}

#[test]
fn whole_epochs_are_left_out_where_that_is_allowed() {
    let rig = Rig::new(FRAMES);
    let (child, pipe) = start(&rig, "--record-drop --report report.json");
    // The run ends only when the record is written: the pipe is read once all values are printed.
    let mut child = child;
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(out.by_ref().take(150).count(), 150);
    read_to(pipe, &rig.path("a.mcap"));
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let record = Record::open(rig.path("a.mcap")).unwrap();
    assert!(record.is_complete());
    let epochs = record.epochs().len() as u64;
    let frames = &record.signals()[1];
    assert!(frames.events == epochs && epochs < 150, "{epochs}");
    let report = std::fs::read_to_string(rig.path("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["unrecorded"], 150 - epochs);
    let words = format!("has {epochs} epochs, and lacks {} for", 150 - epochs);
    assert!(ran.err.contains(&words), "{}", ran.err);
}

#[test]
fn run_ends_when_the_reader_of_the_record_is_gone() {
    let rig = Rig::new(FRAMES);
    let (child, mut pipe) = start(&rig, "");
    pipe.read_exact(&mut [0; 1000]).unwrap();
    drop(pipe);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("the record `pipe` cannot be written"),
        "{}",
        ran.err
    );
    wait_for("the end of all nodes", Duration::from_secs(20), || {
        left_in(&rig.path("r")).is_empty().then_some(())
    });
}

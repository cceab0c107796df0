//! A full disk: the output of nodes cannot be written.
//!
//! Runs in a process of its own, whose standard error is that disk.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use noob_zmq::graph::Value;
use noob_zmq_tests::processes::{left_in, run_of, wait_for, with};
use rustix::process::Signal;

use super::cell::Cell;
use super::table::Phase;
use crate::{SOON, signal};

/// Tries it.
///
/// # Panics
/// If the run does not go on as if nothing had happened.
pub(super) fn try_it(cell: Cell) {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let (root, file) = (dir.path().join("r"), dir.path().join("test.yaml"));
    std::fs::write(&file, format!("noob_id: test\n{}", cell.text(dir.path()))).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
    command.args(["run", "--json"]).arg(&file);
    if cell.phase != Phase::Draining {
        command.args(["-n", "7"]);
    }
    let mut process = command
        .env("NOOB_ZMQ_RUNTIME_DIR", &root)
        .env("HOST_ENDS_WITH_ITS_TEST", "1")
        .env_remove("RUST_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::options().write(true).open("/dev/full").unwrap())
        .spawn()
        .unwrap();
    let mut output = process.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut printed = String::new();
        output.read_to_string(&mut printed).map(|_| printed)
    });
    let victim = wait_for("the node to write", SOON, || {
        std::fs::read_to_string(dir.path().join("here")).ok()
    });
    let run = run_of(victim.parse().unwrap());
    if cell.phase == Phase::Draining {
        signal(process.id(), Signal::INT);
        std::fs::write(dir.path().join("go"), "").unwrap();
    }
    let status = wait_for("the run to end", SOON, || process.try_wait().unwrap());
    let code = if cell.phase == Phase::Draining {
        130
    } else {
        0
    };
    assert_eq!(status.code(), Some(code), "{cell:?}: {status}");
    let printed = reader.join().unwrap().unwrap();
    let values: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    match cell.phase {
        Phase::Draining => {
            // As many as came before the signal was seen.
            let expected = cell.shape.values(200 + values.len() as u64);
            assert_eq!(values, expected[..values.len()], "{cell:?}");
        }
        _ => assert_eq!(values, cell.shape.values(7), "{cell:?}"),
    }
    assert_eq!(left_in(&root), Vec::<String>::new());
    if let Some(run) = run {
        assert_eq!(with(&run), []);
    }
}

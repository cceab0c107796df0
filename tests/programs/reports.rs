//! Errors and log of a program of one's own, in `support/bin/reporting.rs`.

use std::process::{Command, Output};

use noob_zmq_tests::processes::left_in;
use tempfile::TempDir;

/// Runs the program; `log` is its `RUST_LOG`.
fn reporting(arguments: &[&str], log: Option<&str>) -> (Output, String) {
    reporting_in(&TempDir::with_prefix("nz").unwrap(), arguments, log)
}

fn reporting_in(dir: &TempDir, arguments: &[&str], log: Option<&str>) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reporting"));
    command
        .args(arguments)
        .current_dir(dir.path())
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .env_remove("RUST_LOG")
        .env_remove("RUST_BACKTRACE");
    if let Some(log) = log {
        command.env("RUST_LOG", log);
    }
    let output = command.output().unwrap();
    assert_eq!(left_in(&dir.path().join("r")), Vec::<String>::new());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, stderr)
}

/// Returns the lines of the log with this text.
fn with<'t>(stderr: &'t str, text: &str) -> Vec<&'t str> {
    stderr.lines().filter(|line| line.contains(text)).collect()
}

const WARNING: &str = "t.yaml:4:3: input `idle` is declared, and not used";

#[test]
fn error_of_main_is_printed_with_its_causes() {
    let dir = TempDir::with_prefix("nz").unwrap();
    let (output, stderr) = reporting_in(&dir, &["return"], None);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr,
        format!(
            "Error: the program cannot be set up: cannot read the tube `nowhere.yaml`: No such \
             file or directory (os error 2); a relative path counts from the current directory, \
             `{}`\n",
            dir.path().canonicalize().unwrap().display()
        )
    );
}

#[test]
fn unwrapped_error_shows_its_report() {
    let (output, stderr) = reporting(&["unwrap"], None);
    assert_eq!(output.status.code(), Some(101));
    let value = "called `Result::unwrap()` on an `Err` value: the tube `t` has no node `cuont`";
    assert!(stderr.contains(value), "{stderr}");
    assert!(!stderr.contains("UnknownNode"), "{stderr}");
}

#[test]
fn warnings_of_a_tube_are_logged_once_by_each_runner() {
    for runner in ["sync", "task", "zmq"] {
        let (output, stderr) = reporting(&["log", runner], None);
        assert!(output.status.success(), "{runner}: {stderr}");
        let warnings = with(&stderr, WARNING);
        assert_eq!(warnings.len(), 2, "{runner}: {stderr}");
        assert!(
            warnings.iter().all(|line| line.contains("WARN")),
            "{stderr}"
        );
    }
}

#[test]
fn command_shows_warnings_of_a_tube_once() {
    let dir = TempDir::with_prefix("nz").unwrap();
    let tube = dir.path().join("t.yaml");
    let text = "noob_id: t\ninput:\n  idle: {type: int, default: 1}\nnodes:\n  count: {type: \
                test.count, params: {limit: 2}}\n  return: {type: return, depends: count.index}\n";
    std::fs::write(&tube, text).unwrap();
    for command in ["run", "bench"] {
        for runner in ["sync", "task", "zmq"] {
            let output = Command::new(env!("CARGO_BIN_EXE_host"))
                .arg(command)
                .arg(&tube)
                .args(["--runner", runner])
                .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
                .env_remove("RUST_LOG")
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{command} {runner}: {stderr}");
            let warnings = with(&stderr, "is declared, and not used");
            assert_eq!(warnings.len(), 1, "{command} {runner}: {stderr}");
        }
    }
}

#[test]
fn unanswered_request_is_logged_on_both_sides() {
    let (output, stderr) = reporting(&["unanswered"], None);
    assert!(output.status.success(), "{stderr}");
    let told = with(&stderr, "a request on `questions` was not answered");
    let [error, warning] = told.as_slice() else {
        panic!("{stderr}");
    };
    assert!(
        error.contains("ERROR") && warning.contains("WARN"),
        "{stderr}"
    );
    assert!(warning.contains("socket=\"answers\""), "{stderr}");
}

#[test]
fn log_has_warnings_and_more_by_rust_log() {
    let of_the_program = |log| {
        let (output, stderr) = reporting(&["log", "sync"], log);
        assert!(output.status.success(), "{stderr}");
        let levels = ["an error of", "a warning of", "an event of"];
        levels.map(|text| with(&stderr, text).len())
    };
    assert_eq!(of_the_program(None), [1, 1, 0]);
    assert_eq!(of_the_program(Some("info")), [1, 1, 1]);
    assert_eq!(of_the_program(Some("error")), [1, 0, 0]);
}

#[test]
fn program_with_its_own_subscriber_keeps_it() {
    // Node processes have a log of their own, which follows `RUST_LOG`.
    for (runner, log) in [
        ("sync", Some("debug")),
        ("task", Some("debug")),
        ("zmq", None),
    ] {
        let (output, stderr) = reporting(&["own-log", runner], log);
        assert!(output.status.success(), "{runner}: {stderr}");
        assert_eq!(
            with(&stderr, "an error of the program").len(),
            1,
            "{stderr}"
        );
        for text in ["WARN", "INFO", "DEBUG", WARNING] {
            assert_eq!(with(&stderr, text), Vec::<&str>::new(), "{runner}");
        }
    }
}

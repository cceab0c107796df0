//! The command of a program with such types.

use std::process::{Command, Output, Stdio};

use noob_zmq_tests::processes::left_in;
use tempfile::TempDir;

/// Runs the command with a tube of these nodes.
fn command(arguments: &[&str], nodes: &str) -> Output {
    let dir = TempDir::with_prefix("nz").unwrap();
    let tube = dir.path().join("t.yaml");
    std::fs::write(&tube, format!("noob_id: t\nnodes:\n{nodes}")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_made"))
        .args(arguments)
        .arg(&tube)
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .env("NO_COLOR", "1")
        .env("COLUMNS", "200")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(left_in(&dir.path().join("r")), Vec::<String>::new());
    output
}

#[test]
fn command_runs_made_types_in_processes() {
    let nodes = "  count: {type: made.count, params: {limit: 3}}
  add: {type: made.add_7, depends: count.value}
  return: {type: return, depends: add.value}
";
    let output = command(&["run", "--json"], nodes);
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "7\n8\n9\n");
}

#[test]
fn check_shows_why_a_type_cannot_be_used() {
    let output = command(&["check"], "  broken: {type: made.broken}\n");
    let shown = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    for part in [
        "t.yaml:3:18: the node type `made.broken` cannot be used: ModuleNotFoundError: ",
        "'nothing' (at made.py:3)",
        "Traceback (most recent call last):",
        "File \"made.py\", line 3, in <module>",
        "import nothing",
    ] {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
}

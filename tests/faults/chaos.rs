//! Short form of `tests/chaos`: random nodes are killed repeatedly, and no result is missing.

use std::process::{Command, Stdio};

#[test]
fn run_with_random_kills_equals_an_undisturbed_run() {
    run_chaos(4000, &[]);
}

#[test]
fn large_values_with_random_kills_are_those_of_an_undisturbed_run() {
    run_chaos(1500, &["large"]);
}

fn run_chaos(epochs: u64, words: &[&str]) {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args(words)
        .args([&epochs.to_string(), "150"])
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    let expected = format!("{epochs} results in order, equal to an undisturbed run");
    assert!(said.contains(&expected), "{said}");
}

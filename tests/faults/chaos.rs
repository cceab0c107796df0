//! Short form of `tests/chaos`: random nodes are killed repeatedly, and no result is missing.

use std::process::{Command, Stdio};

#[test]
fn run_with_random_kills_equals_an_undisturbed_run() {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args(["4000", "150"])
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(
        said.contains("4000 results in order, equal to an undisturbed run"),
        "{said}"
    );
}

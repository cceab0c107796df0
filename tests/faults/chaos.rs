//! The short form of `tests/chaos`, which takes minutes: a node at random is killed again and
//! again, and nothing is missing.

use std::process::{Command, Stdio};

#[test]
fn a_run_in_which_nodes_are_killed_at_random_gives_what_it_gives_without() {
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

//! Runs every tube of `docs/failures.md`, and compares the output with the page.

use std::process::{Command, Stdio};

use crate::{blocks_of, words};

const PAGE: &str = include_str!("../../docs/failures.md");

#[test]
fn failures_page_shows_real_output() {
    let folder = tempfile::TempDir::with_prefix("nz").unwrap();
    let mut commands = Vec::new();
    for (language, text) in blocks_of(PAGE) {
        match language.as_str() {
            "yaml" => {
                let name = text.lines().next().unwrap().trim_start_matches("# ");
                std::fs::write(folder.path().join(name), &text).unwrap();
            }
            "console" => commands.push(text),
            _ => {}
        }
    }
    assert_eq!(commands.len(), 8);
    for command in commands {
        let (line, shown) = command.split_once('\n').unwrap();
        let line = line.strip_prefix("$ noob-zmq ").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_host"))
            .args(words(line))
            .current_dir(folder.path())
            .env("NOOB_ZMQ_RUNTIME_DIR", folder.path().join("r"))
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert_eq!(printed, shown, "{line}");
    }
}

//! Follows `docs/start.md` and `docs/custom-runners.md`: writes every file, runs every command, and
//! compares the output.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::blocks_of;

/// Creates a folder that holds this repository as `noob-zmq`, and the command in `bin`.
///
/// The folder is outside of the repository, since cargo counts packages inside as workspace
/// members, and always the same, so that the library is built once.
fn folder(page: &str) -> PathBuf {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let repository = repository.canonicalize().unwrap();
    let name = repository.display().to_string().replace('/', "-");
    let folder = std::env::temp_dir().join(format!("noob-zmq-{page}{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(repository, folder.join("noob-zmq")).unwrap();
    std::fs::create_dir(folder.join("bin")).unwrap();
    let command = env!("CARGO_BIN_EXE_host");
    std::os::unix::fs::symlink(command, folder.join("bin/noob-zmq")).unwrap();
    folder
}

/// Returns the name of a file of the page, from its first line.
fn file_of(text: &str) -> Option<&str> {
    let first = text.lines().next()?;
    first.strip_prefix("// ").or(first.strip_prefix("# "))
}

/// Runs a command in `folder`, and checks the lines that it must print.
fn type_in(folder: &Path, bin: &Path, line: &str, printed: &[&str]) {
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", line])
        .env("PATH", format!("{}:{path}", bin.display()))
        .current_dir(folder)
        // The dependencies of the tests are built already, so that nothing is fetched.
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."),
        )
        .env("CARGO_NET_OFFLINE", "true")
        .env(
            "NOOB_ZMQ_RUNTIME_DIR",
            std::env::temp_dir().join(format!("nz-guide-{}", std::process::id())),
        )
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let mut lines = said.lines();
    for wanted in printed {
        assert!(
            lines.any(|line| line.starts_with(wanted)),
            "`{line}` does not print `{wanted}`, but\n{said}"
        );
    }
    let fails = printed.iter().any(|line| line.starts_with("error"));
    assert_eq!(output.status.success(), !fails, "`{line}`\n{said}");
}

/// Follows a page; returns the number of its files and of its commands.
fn follow(name: &str, page: &str) -> (usize, usize) {
    let folder = folder(name);
    let bin = folder.join("bin");
    let mut here = folder.join(".");
    let (mut files, mut commands) = (0, 0);
    for (language, text) in blocks_of(page) {
        // A message on the wire is neither a file nor a command.
        if language == "json" {
            continue;
        }
        if language != "console" {
            let name = file_of(&text).unwrap_or_else(|| panic!("a file without a name:\n{text}"));
            std::fs::write(here.join(name), &text).unwrap();
            files += 1;
            continue;
        }
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ ").expect("a command");
            let mut printed = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                printed.push(line);
            }
            match command.strip_prefix("cd ") {
                Some(folder) => here.push(folder),
                None => type_in(&here, &bin, command, &printed),
            }
            commands += 1;
        }
    }
    (files, commands)
}

#[test]
fn custom_runner_guide_works_as_written() {
    let page = include_str!("../../docs/custom-runners.md");
    let (files, commands) = follow("guide", page);
    assert!(
        files >= 8 && commands >= 12,
        "{files} files, {commands} commands"
    );
}

#[test]
fn project_of_the_start_page_works_as_written() {
    let (files, commands) = follow("start", include_str!("../../docs/start.md"));
    assert!(
        files == 1 && commands >= 14,
        "{files} files, {commands} commands"
    );
}

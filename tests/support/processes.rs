//! Looks at the process table and at directories.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// The processes whose command line contains `text`: process id and command line.
pub fn with(text: &str) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // A process that has ended and was not waited for has an empty command line.
        let Ok(line) = fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if pid != std::process::id() && line.contains(text) {
            found.push((pid, line));
        }
    }
    found
}

/// The node processes of a run.
pub fn of_run(runner_id: &str) -> Vec<(u32, String)> {
    with(&format!("run {runner_id}"))
}

/// Everything below a directory, the lock of the root left out.
pub fn left_in(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "lock")
        .collect()
}

/// Waits until `look` gives something.
///
/// # Panics
/// After `deadline`, with what was waited for.
pub fn wait_for<T>(what: &str, deadline: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            begun.elapsed() < deadline,
            "after {deadline:?}, still waiting: {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until neither a process nor a directory of a run is left.
///
/// # Panics
/// After three seconds, with what is left.
pub fn assert_gone(root: &Path, runner_id: &str) {
    let begun = Instant::now();
    loop {
        let (processes, files) = (of_run(runner_id), left_in(root));
        if processes.is_empty() && files.is_empty() {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "left after the run {runner_id}: {processes:?}, {files:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

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

/// The processes whose environment contains `text`: process id and command line.
///
/// A process that has ended and was not waited for has no environment.
pub fn with_environment(text: &str) -> Vec<(u32, String)> {
    let contains = |pid: u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(text)
    };
    let all = with("").into_iter();
    all.filter(|(pid, _)| contains(*pid)).collect()
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

/// The run that a node process belongs to.
pub fn run_of(pid: u32) -> Option<String> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    let (_, run) = line.split_once(", run ")?;
    run.split_whitespace().next().map(str::to_owned)
}

/// Closes every connection of a process, as if its network had failed.
///
/// Its listening sockets stay open.
///
/// # Panics
/// If the process is not ours to look into, or has no connection.
pub fn cut(pid: u32) {
    use rustix::net::sockopt::socket_acceptconn;
    use rustix::net::{
        Shutdown, SocketAddrAny, SocketAddrUnix, getpeername, getsockname, shutdown,
    };
    use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
    let pid = Pid::from_raw(pid.cast_signed()).expect("a pid");
    let process = pidfd_open(pid, PidfdFlags::empty()).expect("the process");
    let mut closed = 0;
    let fds = fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())).expect("its files");
    for entry in fds.flatten() {
        let is_socket = fs::read_link(entry.path())
            .is_ok_and(|target| target.to_string_lossy().starts_with("socket:"));
        let number = entry.file_name().to_string_lossy().parse();
        let (true, Ok(number)) = (is_socket, number) else {
            continue;
        };
        // One end of a connection bears the name of what listens; what a process keeps for itself
        // has no name.
        let named = |address: SocketAddrAny| {
            SocketAddrUnix::try_from(address).is_ok_and(|address| address.path().is_some())
        };
        // It may have been closed meanwhile.
        if let Ok(socket) = pidfd_getfd(&process, number, PidfdGetfdFlags::empty())
            && !socket_acceptconn(&socket).unwrap_or(false)
            && [
                getsockname(&socket).ok(),
                getpeername(&socket).ok().flatten(),
            ]
            .into_iter()
            .flatten()
            .any(named)
        {
            closed += u32::from(shutdown(&socket, Shutdown::Both).is_ok());
        }
    }
    assert!(closed > 0, "the process has no connection");
}

/// Whether every thread of a process is stopped, or it is gone.
#[must_use]
pub fn is_stopped(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return true;
    };
    threads.flatten().all(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // After the name, which stands in brackets and may be anything.
        let state = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.trim_start().chars().next());
        state.is_none_or(|state| matches!(state, 'T' | 'X' | 'Z'))
    })
}

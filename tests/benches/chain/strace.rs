//! Count of the bytes that this process reads from sockets, by `strace`: the kernel counts them by
//! process for files only.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::Failed;

/// System calls that read from sockets.
const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,recvmmsg";

/// Running trace of this process, without the processes that it has started before.
pub(crate) struct Trace {
    strace: Child,
    file: PathBuf,
}

impl Trace {
    /// Begins to count.
    ///
    /// # Errors
    /// There is no `strace`, or it may not trace this process.
    pub(crate) fn begin(file: &Path) -> Result<Self, Failed> {
        let mut strace = Command::new("strace")
            .args(["-f", "-y", "-s", "0", "-e", CALLS, "-p"])
            .arg(std::process::id().to_string())
            .arg("-o")
            .arg(file)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`strace` does not start: {error}"))?;
        let stderr = strace.stderr.take().ok_or("no pipe")?;
        // It says so when it is attached to every thread.
        let mut line = String::new();
        BufReader::new(stderr).read_line(&mut line)?;
        if !line.contains("attached") {
            strace.wait()?;
            return Err(line.trim().into());
        }
        Ok(Self {
            strace,
            file: file.to_owned(),
        })
    }

    /// Stops the trace, and returns the number of bytes.
    pub(crate) fn end(mut self) -> Result<u64, Failed> {
        let pid = i32::try_from(self.strace.id())?;
        kill_process(Pid::from_raw(pid).ok_or("no process")?, Signal::INT)?;
        self.strace.wait()?;
        let text = std::fs::read_to_string(&self.file)?;
        Ok(bytes_in(&text))
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

/// Adds up the results of the calls on sockets.
///
/// A call that another thread interrupts has two lines: `7 read(5<socket:[9]>, <unfinished ...>`
/// and `7 <... read resumed>..) = 12`.
fn bytes_in(trace: &str) -> u64 {
    let mut unfinished = HashMap::new();
    let mut bytes = 0;
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if call.ends_with("<unfinished ...>") {
            unfinished.insert(thread, is_on_socket(call));
            continue;
        }
        let on_socket = match call.starts_with("<...") {
            true => unfinished.remove(thread).unwrap_or(false),
            false => is_on_socket(call),
        };
        let result = call.rsplit_once(" = ").map(|(_, result)| result.trim());
        if on_socket && let Some(received) = result.and_then(|result| result.parse::<u64>().ok()) {
            bytes += received;
        }
    }
    bytes
}

/// Returns whether the descriptor, which is the first argument, is a socket.
fn is_on_socket(call: &str) -> bool {
    let first = call.split_once(',').map_or(call, |(first, _)| first);
    ["socket:[", "UNIX", "TCP"]
        .iter()
        .any(|kind| first.contains(kind))
}

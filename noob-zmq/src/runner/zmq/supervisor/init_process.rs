//! Process with the id 1 of a container: runs this program again as its only child, passes signals
//! on to it, and reaps the processes that nobody else waits for.
//!
//! Such a process inherits every process whose parent has ended. The runner itself must not wait
//! for unknown processes: it would take the exit status from code of the user that waits for one.

use std::io::IsTerminal;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitCode, ExitStatus};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Signals that are passed on; a terminal sends the last two to all processes by itself.
const PASSED_ON: [Signal; 6] = [
    Signal::TERM,
    Signal::HUP,
    Signal::USR1,
    Signal::USR2,
    Signal::INT,
    Signal::QUIT,
];

/// Runs the program again if this process has the id 1, and returns its exit code; `None` at once
/// otherwise, and where the program cannot be run again.
pub(crate) fn run() -> Option<ExitCode> {
    if std::process::id() != 1 {
        return None;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime.and_then(|runtime| runtime.block_on(run_child())) {
        Ok(code) => Some(ExitCode::from(code)),
        Err(error) => {
            tracing::warn!(%error, "processes that end without a parent are not reaped");
            None
        }
    }
}

async fn run_child() -> std::io::Result<u8> {
    // Before the child is started: none of its signals is missed.
    let mut ended = signal(SignalKind::child())?;
    let (received, mut signals) = mpsc::unbounded_channel();
    let from_terminal = if std::io::stdin().is_terminal() { 2 } else { 0 };
    for passed_on in &PASSED_ON[..PASSED_ON.len() - from_terminal] {
        let mut stream = signal(SignalKind::from_raw(passed_on.as_raw()))?;
        let received = received.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                let _ = received.send(*passed_on);
            }
        });
    }
    for ignored in &PASSED_ON[PASSED_ON.len() - from_terminal..] {
        // A handler that does nothing: the default action would end this process.
        drop(signal(SignalKind::from_raw(ignored.as_raw()))?);
    }
    let mut arguments = std::env::args_os();
    let mut command = Command::new("/proc/self/exe");
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    let child = command.args(arguments).spawn()?;
    let child = Pid::from_raw(child.id().cast_signed());
    loop {
        // Cancel-safe: a signal that comes meanwhile stays in its stream.
        tokio::select! {
            _ = ended.recv() => {
                while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
                    if Some(pid) == child {
                        return Ok(exit_code(ExitStatus::from_raw(status.as_raw())));
                    }
                }
            }
            Some(signal) = signals.recv() => if let Some(child) = child {
                let _ = kill_process(child, signal);
            },
        }
    }
}

/// Returns the code by which shells report an exit status.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    u8::try_from(code.unwrap_or(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_code_of_a_killed_program_is_that_of_shells() {
        assert_eq!(exit_code(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(exit_code(ExitStatus::from_raw(15)), 143);
    }

    #[test]
    fn process_with_another_id_goes_on() {
        assert!(run().is_none());
    }
}

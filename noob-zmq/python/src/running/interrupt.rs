//! Ctrl-C during a call that waits in Rust.
//!
//! Python notes a signal and runs its handler when its main thread runs Python code again, which a
//! thread that waits for epochs does not. The C handler of Python also writes a byte to a socket
//! (`signal.set_wakeup_fd`): the thread of this module reads it and stops the run, so that the call
//! returns and the handler of Python runs. Where another library has a socket set, it is restored
//! after the call.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use noob_zmq::runner::Stopper;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Number of SIGINT, which Python writes to the socket.
const SIGINT: u8 = 2;
/// Time in which epochs that have begun may finish after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// The end of the socket that signals are written to, and the call that they end.
struct Watcher {
    written: UnixStream,
    call: Mutex<Call>,
}

#[derive(Default)]
struct Call {
    /// Number of calls so far, by which the thread knows a call from the next.
    number: u64,
    stopper: Option<Stopper>,
}

/// A call that Ctrl-C ends; the socket of before is restored when it is over.
pub(super) struct Interruptible {
    before: Option<i32>,
}

impl Interruptible {
    /// Lets Ctrl-C stop the run of this stopper, if this is the main thread.
    ///
    /// # Errors
    /// The socket or the thread cannot be made.
    pub(super) fn begin(py: Python<'_>, stopper: &Stopper) -> PyResult<Self> {
        let watcher = watcher()?;
        let signal = py.import("signal")?;
        match signal.call_method1("set_wakeup_fd", (watcher.written.as_raw_fd(),)) {
            Ok(before) => {
                let mut call = watcher.call();
                call.number += 1;
                call.stopper = Some(stopper.clone());
                Ok(Self {
                    before: Some(before.extract()?),
                })
            }
            // Only the main thread runs handlers; others are not interrupted.
            Err(error) if error.is_instance_of::<PyValueError>(py) => Ok(Self { before: None }),
            Err(error) => Err(error),
        }
    }

    /// Restores the socket of before, and runs the handlers of signals that came meanwhile.
    ///
    /// # Errors
    /// The exception of a handler, such as `KeyboardInterrupt`.
    pub(super) fn end(self, py: Python<'_>) -> PyResult<()> {
        let Some(before) = self.before else {
            return Ok(());
        };
        watcher()?.call().stopper = None;
        py.import("signal")?
            .call_method1("set_wakeup_fd", (before,))?;
        py.check_signals()
    }
}

impl Watcher {
    fn call(&self) -> MutexGuard<'_, Call> {
        self.call.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn watcher() -> PyResult<&'static Watcher> {
    static WATCHER: OnceLock<Watcher> = OnceLock::new();
    if let Some(watcher) = WATCHER.get() {
        return Ok(watcher);
    }
    let (read, written) = UnixStream::pair()?;
    // A handler of a signal must not wait.
    written.set_nonblocking(true)?;
    let made = Watcher {
        written,
        call: Mutex::default(),
    };
    let watcher = WATCHER.get_or_init(|| made);
    std::thread::Builder::new()
        .name("noob-zmq-signals".into())
        .spawn(move || stop_on_signals(watcher, read))?;
    Ok(watcher)
}

/// Stops the run of a call at a signal: its open epochs may finish within the time of grace, which
/// a second signal ends.
fn stop_on_signals(watcher: &Watcher, mut signals: UnixStream) {
    let mut stopping = None;
    loop {
        let mut byte = [0];
        let grace = stopping.map(|_| GRACE);
        let read = signals
            .set_read_timeout(grace)
            .and_then(|()| signals.read(&mut byte));
        let call = watcher.call();
        let (number, stopper) = (call.number, call.stopper.clone());
        // Not held while the coordinator is asked, which can take a while.
        drop(call);
        let Some(stopper) = stopper else {
            stopping = None;
            continue;
        };
        match read {
            Ok(1) if byte != [SIGINT] => {}
            Ok(1) if stopping != Some(number) => {
                stopping = Some(number);
                if stopper.drain().is_some_and(|epochs| epochs.count > 0) {
                    let _ = writeln!(
                        std::io::stderr(),
                        "SIGINT: waiting up to {GRACE:?} for the epochs that have begun; a second \
                         signal gives them up"
                    );
                }
            }
            // The second signal, or the end of the time of grace.
            _ => {
                if stopping.take() == Some(number) {
                    stopper.give_up();
                }
            }
        }
    }
}

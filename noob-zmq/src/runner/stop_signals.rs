//! [`StopSignals`]: Ctrl-C and SIGTERM end a run in order.
//!
//! A thread of its own waits for signals; it stops the run by a [`Stopper`], and ends the process
//! where that does not help.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::clock::sleep_while_running;
use crate::descriptors;
use crate::runner::{OpenEpochs, RunError, Stopper};
use crate::sync::lock;

/// Time that a runner has to shut its nodes down, once epochs were given up.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Number of descriptors that the runtime and the handlers of signals need.
pub(crate) const DESCRIPTORS: u64 = 10;

/// Ctrl-C (SIGINT) and SIGTERM, which end a run in order.
///
/// At the first signal the run begins no further epoch, and the epochs that have begun may finish
/// within a time of grace; then they are given up. A line on standard error says which epochs are
/// waited for, and another which are given up. A second signal ends the process at once, and so
/// does a signal while no runner is [set](Self::set_runner): the nodes notice that their runner is
/// gone.
///
/// # Examples
/// ```no_run
/// use std::process::ExitCode;
/// use std::time::Duration;
///
/// use noob_zmq::prelude::*;
/// use noob_zmq::runner::StopSignals;
///
/// # fn example(tube: Tube) -> Result<ExitCode, RunError> {
/// let signals = StopSignals::listen(Duration::from_secs(5))?;
/// let mut runner = ZmqRunner::new(tube);
/// runner.init()?;
/// signals.set_runner(runner.stopper());
/// let outcome = runner.run_all().and(runner.deinit());
/// if let Some(code) = signals.exit_code() {
///     return Ok(code);
/// }
/// outcome.map(|_| ExitCode::SUCCESS)
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct StopSignals {
    /// Exit code of the signal that was received first; 0 if there was none.
    code: Arc<AtomicU8>,
    runner: Arc<Mutex<Option<Stopper>>>,
}

impl StopSignals {
    /// Starts a thread that waits for signals; `grace` is the time in which epochs that have begun
    /// may finish.
    ///
    /// # Errors
    /// The operating system refuses the thread or its descriptors.
    pub fn listen(grace: Duration) -> Result<Self, RunError> {
        let failed = |error| RunError::thread("a thread for signals", error);
        // Without them, tokio would panic.
        descriptors::reserve(DESCRIPTORS)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let listened = {
            let _runtime = runtime.enter();
            signal(SignalKind::interrupt())
                .and_then(|interrupt| Ok((interrupt, signal(SignalKind::terminate())?)))
        };
        let (interrupt, terminate) = listened.map_err(failed)?;
        let signals = Self::default();
        let listening = signals.clone();
        std::thread::Builder::new()
            .name("noob-zmq-signals".into())
            .spawn(move || runtime.block_on(listening.run(interrupt, terminate, grace)))
            .map_err(failed)?;
        Ok(signals)
    }

    /// Lets signals stop this runner from now on.
    pub fn set_runner(&self, runner: Stopper) {
        let mut stopper = lock(&self.runner);
        if self.is_received() {
            runner.drain();
        }
        *stopper = Some(runner);
    }

    /// Returns whether a signal was received.
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.code.load(Ordering::Acquire) != 0
    }

    /// Returns the exit code for the signal that was received: 130 for SIGINT, and 143 for SIGTERM,
    /// as shells expect; `None` without a signal.
    #[must_use]
    pub fn exit_code(&self) -> Option<ExitCode> {
        let code = self.code.load(Ordering::Acquire);
        (code != 0).then(|| ExitCode::from(code))
    }

    /// Waits for signals until the process ends.
    async fn run(self, mut interrupt: Signal, mut terminate: Signal, grace: Duration) {
        let (name, code) = next(&mut interrupt, &mut terminate).await;
        self.code.store(code, Ordering::Release);
        // Taken out of the lock: the answer of the coordinator can take a while.
        let runner = lock(&self.runner).clone();
        let Some(runner) = runner else {
            std::process::exit(code.into());
        };
        let ends = "a second signal ends the run at once";
        match runner.drain() {
            Some(OpenEpochs { count: 0, .. }) => {
                report(format_args!("{name}: the run ends; {ends}"));
            }
            Some(epochs) => {
                report(format_args!(
                    "{name}: waiting up to {grace:?} for {epochs}; {ends}"
                ));
            }
            None => report(format_args!(
                "{name}: waiting up to {grace:?} for the epoch in progress; {ends}"
            )),
        }
        // Cancel-safe: a signal that comes meanwhile completes the first branch.
        tokio::select! {
            _ = next(&mut interrupt, &mut terminate) => std::process::exit(code.into()),
            () = sleep_while_running(grace) => {}
        }
        match runner.give_up() {
            Some(OpenEpochs { count: 0, .. }) => {}
            Some(epochs) => report(format_args!("after {grace:?}, the run gives up {epochs}")),
            None => {
                report(format_args!(
                    "after {grace:?}, the run gives up the epoch in progress"
                ));
                std::process::exit(code.into());
            }
        }
        tokio::select! {
            _ = next(&mut interrupt, &mut terminate) => {}
            // Nodes in this process cannot be interrupted in a call.
            () = sleep_while_running(SHUTDOWN_TIMEOUT) => {}
        }
        std::process::exit(code.into());
    }
}

/// Waits for a signal; returns its name and the exit code for it.
async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> (&'static str, u8) {
    tokio::select! {
        _ = interrupt.recv() => ("SIGINT", 130),
        _ = terminate.recv() => ("SIGTERM", 143),
    }
}

/// Writes a line to standard error, unless nobody can read it.
fn report(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

//! Ctrl-C and SIGTERM: the first ends the run in order, a second ends the process at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::signal::unix::{SignalKind, signal};

use crate::runner::Stopper;
use crate::sync::lock;

/// State that the signal handler shares with the command.
#[derive(Clone, Default)]
pub(super) struct Stop {
    asked: Arc<AtomicBool>,
    runner: Arc<Mutex<Option<Stopper>>>,
}

impl Stop {
    /// Lets signals stop this runner from now on.
    pub(super) fn set_runner(&self, runner: Stopper) {
        if self.asked() {
            runner.stop();
        }
        *lock(&self.runner) = Some(runner);
    }

    /// Returns whether a signal has come.
    pub(super) fn asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    fn signalled(&self) {
        // For a second signal, or one before there is a run to stop: the nodes notice that the
        // runner is gone, and clean up.
        if self.asked.swap(true, Ordering::AcqRel) {
            std::process::exit(130);
        }
        match &*lock(&self.runner) {
            Some(runner) => runner.stop(),
            None => std::process::exit(130),
        }
    }
}

/// Starts a thread that waits for signals.
pub(super) fn on_signal() -> Stop {
    let stop = Stop::default();
    let on_signal = stop.clone();
    let listen = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        else {
            return;
        };
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) = (
                signal(SignalKind::interrupt()),
                signal(SignalKind::terminate()),
            ) else {
                return;
            };
            loop {
                tokio::select! {
                    _ = interrupt.recv() => on_signal.signalled(),
                    _ = terminate.recv() => on_signal.signalled(),
                }
            }
        });
    };
    let _ = std::thread::Builder::new()
        .name("noob-zmq-signals".into())
        .spawn(listen);
    stop
}

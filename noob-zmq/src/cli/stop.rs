//! Ctrl-C and SIGTERM: once, the run ends in order; twice, at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::signal::unix::{SignalKind, signal};

use crate::runner::Stopper;
use crate::sync::lock;

/// What a signal reaches.
#[derive(Clone, Default)]
pub(super) struct Stop {
    asked: Arc<AtomicBool>,
    runner: Arc<Mutex<Option<Stopper>>>,
}

impl Stop {
    /// From now on, a signal stops this runner.
    pub(super) fn reaches(&self, runner: Stopper) {
        if self.asked() {
            runner.stop();
        }
        *lock(&self.runner) = Some(runner);
    }

    /// Whether somebody wants to stop.
    pub(super) fn asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    fn heard(&self) {
        // A second time, or before there is a run to end: the nodes notice that the runner is gone, and clean up.
        if self.asked.swap(true, Ordering::AcqRel) {
            std::process::exit(130);
        }
        match &*lock(&self.runner) {
            Some(runner) => runner.stop(),
            None => std::process::exit(130),
        }
    }
}

/// Listens for signals from now on.
pub(super) fn on_signal() -> Stop {
    let stop = Stop::default();
    let heard = stop.clone();
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
                    _ = interrupt.recv() => heard.heard(),
                    _ = terminate.recv() => heard.heard(),
                }
            }
        });
    };
    let _ = std::thread::Builder::new()
        .name("noob-zmq-signals".into())
        .spawn(listen);
    stop
}

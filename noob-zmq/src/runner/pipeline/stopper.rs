//! [`Stopper`]: stops a run from another thread, or on a signal.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::epoch_numbers::EpochNumbers;
use crate::runner::OpenEpochs;
use crate::runner::coordinator::{Coordinator, refuse_in_callback};

/// Longest wait for the answer of a coordinator, whose loop may be busy.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Handle that stops a run from another thread, or on a signal.
///
/// Cheap to clone. [`StopSignals`](crate::runner::StopSignals) uses one on Ctrl-C and SIGTERM.
#[derive(Clone, Default)]
pub struct Stopper {
    requested: Arc<AtomicBool>,
    /// Way to the open epochs; `None` for a runner that has one open epoch, in a call of its own.
    epochs: Option<EpochNumbers>,
}

impl Stopper {
    /// Returns a stopper of the runner with these epoch numbers.
    pub(crate) fn of(numbers: EpochNumbers) -> Self {
        Self {
            requested: Arc::default(),
            epochs: Some(numbers),
        }
    }

    /// Stops the current run: it requests no further epoch, and ends when the requested ones are
    /// closed.
    ///
    /// Without a current run, the next one ends before its first epoch. Does not block.
    pub fn stop(&self) {
        self.requested.store(true, Ordering::Release);
        // A callback runs under the lock of the coordinator.
        if let (Some(epochs), Ok(())) = (&self.epochs, refuse_in_callback()) {
            epochs.tell(Coordinator::set_stopping);
        }
    }

    /// Stops the current run as [`stop`](Self::stop) does, takes back the epochs that were
    /// requested ahead and that no node has begun, and returns those that are left.
    ///
    /// Returns `None` for a runner that has one open epoch at most, in the thread of its caller; in
    /// a callback for events; and where the event loop of the runner does not answer within a
    /// second.
    pub fn drain(&self) -> Option<OpenEpochs> {
        self.stop();
        self.ask(Coordinator::drain)
    }

    /// Ends the current run at once, and returns the open epochs, which are given up.
    ///
    /// Their callers receive [`ClosedReason::GivenUp`](crate::runner::ClosedReason::GivenUp).
    ///
    /// Calls of nodes are not interrupted: [`deinit`](crate::runner::Runner::deinit) ends the
    /// nodes. Returns `None` as [`drain`](Self::drain) does; then the epoch goes on.
    pub fn give_up(&self) -> Option<OpenEpochs> {
        self.stop();
        self.ask(Coordinator::give_up)
    }

    fn ask(
        &self,
        question: impl FnOnce(&mut Coordinator) -> OpenEpochs + Send + 'static,
    ) -> Option<OpenEpochs> {
        refuse_in_callback().ok()?;
        let (answer, answered) = mpsc::channel();
        self.epochs.as_ref()?.tell(move |coordinator| {
            // The asker may have given up the wait.
            let _ = answer.send(question(coordinator));
        });
        match answered.recv_timeout(ANSWER_TIMEOUT) {
            Ok(epochs) => Some(epochs),
            // The action was dropped: the runner is not started, or has ended.
            Err(mpsc::RecvTimeoutError::Disconnected) => Some(OpenEpochs::default()),
            Err(mpsc::RecvTimeoutError::Timeout) => None,
        }
    }

    /// Returns whether a stop was requested since the last call.
    pub(crate) fn take(&self) -> bool {
        self.requested.swap(false, Ordering::AcqRel)
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper").finish_non_exhaustive()
    }
}

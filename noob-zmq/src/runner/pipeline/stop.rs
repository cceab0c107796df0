//! Stops a run from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Handle that stops a run from another thread, or on a signal.
///
/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Stopper {
    batches: Arc<AtomicBool>,
}

impl Stopper {
    /// Stops the current run: it requests no further epoch, and ends when the requested ones are
    /// closed.
    ///
    /// Without a current run, the next one ends before its first epoch. Does not block.
    pub fn stop(&self) {
        self.batches.store(true, Ordering::Release);
    }

    /// Returns whether a stop was requested since the last call.
    pub(crate) fn take(&self) -> bool {
        self.batches.swap(false, Ordering::AcqRel)
    }
}

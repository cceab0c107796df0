//! Stopping a run from elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops a run from another thread, or from a signal. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Stopper {
    batches: Arc<AtomicBool>,
}

impl Stopper {
    /// Has the run that goes on ask for no more epochs, and end when those are done that were asked for. If none goes on, the next one
    /// ends before its first epoch.
    pub fn stop(&self) {
        self.batches.store(true, Ordering::Release);
    }

    /// Whether somebody wanted to stop since the last time this was asked.
    pub(crate) fn take(&self) -> bool {
        self.batches.swap(false, Ordering::AcqRel)
    }
}

//! Stopping a run from elsewhere.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops a run from another thread, or from a signal. Cheap to clone.
#[derive(Clone)]
pub struct Stopper {
    asked: Arc<AtomicBool>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Stopper {
    /// A stopper that calls `wake` when somebody wants to stop.
    pub(crate) fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            asked: Arc::default(),
            wake: Arc::new(wake),
        }
    }

    /// Has the run that goes on ask for no more epochs, and end when those are done that were asked for. If none goes on, the next one
    /// ends before its first epoch.
    pub fn stop(&self) {
        self.asked.store(true, Ordering::Release);
        (self.wake)();
    }

    /// Whether somebody wanted to stop since the last time this was asked.
    pub(crate) fn take(&self) -> bool {
        self.asked.swap(false, Ordering::AcqRel)
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopper")
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

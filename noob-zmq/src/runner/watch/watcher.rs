//! [`Watcher`]: watches a runner from any thread.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::report::RunStatus;
use crate::sync::lock;

/// Handle that watches a runner from any thread, also while the runner runs epochs.
///
/// Cheap to clone. A look asks no node and keeps no node waiting: nodes report several times a
/// second. The handle outlives the runner, and then returns the last status.
#[derive(Clone)]
pub struct Watcher {
    source: Arc<Mutex<Source>>,
}

/// Function that returns the status of a run that goes on.
type Live = Arc<dyn Fn() -> RunStatus + Send + Sync>;

enum Source {
    /// No run goes on.
    Last(Box<RunStatus>),
    Live(Live),
}

impl Watcher {
    /// Returns a watcher of a runner that was not started.
    pub(crate) fn new(status: RunStatus) -> Self {
        Self {
            source: Arc::new(Mutex::new(Source::Last(Box::new(status)))),
        }
    }

    /// Returns the status now; before the runner is started the nodes and edges of its tube, and
    /// after its end the last status.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        let live = match &*lock(&self.source) {
            Source::Last(status) => return RunStatus::clone(status),
            Source::Live(live) => Arc::clone(live),
        };
        // Not under the lock: a look takes the locks of the run.
        live()
    }

    /// Sets that a run goes on, whose status this function returns.
    pub(crate) fn set_live(&self, live: impl Fn() -> RunStatus + Send + Sync + 'static) {
        *lock(&self.source) = Source::Live(Arc::new(live));
    }

    /// Sets that no run goes on.
    pub(crate) fn set_closed(&self) {
        let mut status = self.status();
        status.close();
        *lock(&self.source) = Source::Last(Box::new(status));
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

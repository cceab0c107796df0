//! [`Watcher`]: watches a runner from any thread.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::logs::NodeLogs;
use super::report::RunStatus;
use super::taps::{Tap, Tapped, Taps};
use crate::sync::lock;

/// Handle that watches a runner from any thread, also while the runner runs epochs.
///
/// Cheap to clone. A look asks no node and keeps no node waiting: nodes report several times a
/// second. The handle outlives the runner, and then returns the last status.
#[derive(Clone)]
pub struct Watcher {
    source: Arc<Mutex<Source>>,
    taps: Taps,
    logs: NodeLogs,
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
            taps: Taps::default(),
            logs: NodeLogs::default(),
        }
    }

    /// Returns the status now; before the runner is started the nodes and edges of its tube, and
    /// after its end the last status.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        // Cloned, so that the lock is held for a moment only: the start and the end of a run take
        // it, too.
        let live = match &*lock(&self.source) {
            Source::Last(status) => return RunStatus::clone(status),
            Source::Live(live) => Arc::clone(live),
        };
        // Not under the lock: a look takes the locks of the run.
        live()
    }

    /// Taps a signal, `node.signal`: its values are sampled until the tap is dropped or the run
    /// ends.
    ///
    /// All values of a signal that emits up to a hundred in a second are samples, and about a
    /// hundred in a second of a faster one; of large values, about 4 MiB in a second. Samples of
    /// nodes in other processes come several times a second, many at once.
    ///
    /// # Errors
    /// A signal that the tube does not have.
    pub fn tap(&self, signal: &str) -> Result<Tap, UnknownSignal> {
        let status = self.status();
        let signals = status.nodes.iter().flat_map(|node| {
            let signals = node.signals.iter();
            signals.map(|entry| (node.node.clone(), entry.signal.clone()))
        });
        let name = |(node, name): &Tapped| format!("{node}.{name}");
        let mut known = signals.clone();
        match known.find(|tapped| name(tapped) == signal) {
            Some(tapped) => Ok(self.taps.open([tapped])),
            None => Err(UnknownSignal {
                signal: signal.to_owned(),
                known: signals
                    .map(|tapped| format!("`{}`", name(&tapped)))
                    .collect(),
            }),
        }
    }

    /// Taps all signals of a node; `None` if the tube does not have the node.
    pub(crate) fn tap_node(&self, node: &str) -> Option<Tap> {
        let status = self.status();
        let node = status.node(node)?;
        let signals = node.signals.iter();
        let tapped = signals.map(|entry| (node.node.clone(), entry.signal.clone()));
        Some(self.taps.open(tapped))
    }

    /// Returns the last lines of the output of a node that has a process of its own.
    #[must_use]
    pub fn log(&self, node: &str) -> Vec<String> {
        self.logs.of(node)
    }

    /// Returns the taps of the runner.
    pub(crate) const fn taps(&self) -> &Taps {
        &self.taps
    }

    /// Returns the output of the nodes.
    pub(crate) const fn logs(&self) -> &NodeLogs {
        &self.logs
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
        // After the status: a reader of a tap that has ended sees that the run has.
        self.taps.end();
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").finish_non_exhaustive()
    }
}

/// Signal that a tube does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tube has no signal `{signal}`; its signals are {}", known.join(", "))]
#[non_exhaustive]
pub struct UnknownSignal {
    /// The name that was given.
    pub signal: String,
    /// The signals of the tube.
    known: Vec<String>,
}

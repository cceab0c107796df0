//! Part of the status of a run that its epochs tell: their number, their age, and the distance of
//! each node to the newest.

use std::collections::HashMap;

use super::Coordinator;
use crate::graph::{Event, Name, Timestamp, Tube};
use crate::runner::watch::report::{Lag, RunStatus, RunnerState};

/// Newest epoch that has begun, and failures by node.
#[derive(Debug, Default)]
pub(super) struct EpochProgress {
    /// Whether epochs begin with their request: no node is a source.
    begins_at_request: bool,
    newest: Option<u32>,
    /// Failed and skipped epochs by the node that has failed in them.
    failures: HashMap<Name, (u64, u64)>,
}

impl EpochProgress {
    pub(super) fn of(tube: &Tube) -> Self {
        let mut nodes = tube.nodes.values().filter(|node| node.enabled);
        let has_source = nodes.any(|node| tube.upstream(&node.id).next().is_none());
        Self {
            begins_at_request: !has_source,
            ..Self::default()
        }
    }
}

impl Coordinator {
    /// Records that an epoch is opened.
    pub(super) fn begin_at_request(&mut self, epoch: u32) {
        if self.progress.begins_at_request {
            let now = (self.clock)();
            self.begin(epoch, now);
        }
    }

    /// Records that an epoch has an event: with its first one, the epoch has begun.
    pub(super) fn begin_with(&mut self, event: &Event) {
        self.begin(event.epoch.number(), event.timestamp);
    }

    fn begin(&mut self, epoch: u32, at: Timestamp) {
        if let Some(open) = self.open.get_mut(&epoch) {
            open.begun.get_or_insert(at);
            self.progress.newest = self.progress.newest.max(Some(epoch));
        }
    }

    /// Records that an epoch has failed, or was skipped, because of this node.
    pub(super) fn count_failure(&mut self, node: &Name, skipped: bool) {
        let counts = self.progress.failures.entry(node.clone()).or_default();
        *(if skipped {
            &mut counts.1
        } else {
            &mut counts.0
        }) += 1;
    }

    /// Takes over the account of a coordinator before this one.
    pub(crate) fn continue_from(mut self, before: &mut Self) -> Self {
        self.report = std::mem::take(&mut before.report);
        self.progress.failures = std::mem::take(&mut before.progress.failures);
        self.progress.newest = before.progress.newest;
        self
    }

    /// Returns how far a node whose last call was in epoch `called` is behind the newest epoch that
    /// has begun.
    pub(crate) fn lag(&self, called: Option<u32>) -> Lag {
        let (Some(newest), Some((&lowest, _))) =
            (self.progress.newest, self.open.first_key_value())
        else {
            return Lag::default();
        };
        // All epochs below are closed: no node has anything to do there.
        let next = called.map_or(0, |called| called.saturating_add(1));
        let next = next.max(lowest);
        if next > newest {
            return Lag::default();
        }
        let begun = self.open.range(next..=newest);
        let mut begun = begun.filter_map(|(_, open)| open.begun);
        let first = begun.next();
        let micros = first.map_or(0, |first| {
            let now = (self.clock)().as_micros();
            // Another host may give its events any time.
            now.saturating_sub(first.as_micros())
        });
        Lag {
            epochs: first.map_or(0, |_| 1 + u32::try_from(begun.count()).unwrap_or(u32::MAX)),
            seconds: micros.max(0) as f64 / 1e6,
        }
    }

    /// Enters the epochs, and the failures of each node, into a status.
    pub(crate) fn fill_status(&self, status: &mut RunStatus) {
        status.state = match (&self.run_failure, self.is_ready()) {
            _ if self.report.cause.is_some() => RunnerState::Failed,
            (Some(_), _) => RunnerState::Closed,
            (None, false) => RunnerState::Starting,
            (None, true) => RunnerState::Running,
        };
        status.epochs = self.report.epochs;
        status.open = self.open.len() as u64;
        status.oldest_open = self.open.keys().next().copied();
        status.newest = self.progress.newest;
        status.restarts = self.report.restarted;
        status.cause.clone_from(&self.report.cause);
        for node in &mut status.nodes {
            let failures = self.progress.failures.get(&node.node);
            (node.failed, node.skipped) = failures.copied().unwrap_or_default();
        }
    }
}

//! What a failure ends: an epoch or the run, and the account of both.

use tokio::sync::oneshot;

use super::{Coordinator, Orders};
use crate::graph::{Epoch, Name, OnError, Supervision};
use crate::runner::report::RunReport;
use crate::runner::{NodeFailure, Phase, RunError};

impl Coordinator {
    /// With what is done about failures where the tube does not say it.
    pub(crate) const fn with_supervision(mut self, defaults: Supervision) -> Self {
        self.supervision = defaults;
        self
    }

    /// The account so far.
    pub(crate) const fn report(&self) -> &RunReport {
        &self.report
    }

    /// How many epochs have come to their end, one way or the other.
    pub(crate) const fn finished_epochs(&self) -> u64 {
        let epochs = &self.report.epochs;
        epochs.done + epochs.failed + epochs.skipped
    }

    /// Whether something is lost when the process of a node ends: what it remembers of earlier epochs.
    pub(crate) fn loses_state_on_exit(&self, node: &str) -> bool {
        let Some(node) = self.tube.nodes.get(node) else {
            return false;
        };
        node.stateful && !node.restorable && self.asked
    }

    /// The process of a node is started again.
    pub(crate) fn on_node_restarted(&mut self, node: &Name, how: &str) {
        self.memories.restarted(node);
        let lowest = self.open.keys().next().copied();
        self.report
            .restarted(node, how, lowest, self.open.len() as u64);
    }

    /// How often the process of a node was started again.
    pub(crate) fn restart_count(&self, node: &str) -> u32 {
        self.memories.restarts(node)
    }

    /// A call takes longer than it may; the process will be killed.
    pub(crate) fn on_timeout(&mut self, orders: &dyn Orders, node: &str, epoch: &Epoch, why: &str) {
        if self.on_error(node) == OnError::Skip {
            let place = self.place(node).map(|place| format!(" ({place})"));
            let why = format!("the node `{node}`{} {why}", place.unwrap_or_default());
            self.skip_epoch(orders, epoch.number(), why);
        }
    }

    /// Has failures during start-up sent to `failed`.
    pub(crate) fn watch_startup(&mut self, failed: oneshot::Sender<RunError>) {
        self.startup = Some(failed);
    }

    /// All nodes have become ready: what fails from now on does not fail the start.
    pub(crate) fn set_ready(&mut self) {
        self.startup = None;
    }

    /// Whether all nodes have become ready.
    pub(crate) const fn is_ready(&self) -> bool {
        self.startup.is_none()
    }

    /// Why nothing more can be run, if so.
    pub(crate) const fn run_failure(&self) -> Option<&RunError> {
        self.broken.as_ref()
    }

    /// A node said that it failed.
    pub(crate) fn on_failure(&mut self, orders: &dyn Orders, failure: NodeFailure) {
        let number = failure.epoch.as_ref().map(Epoch::number);
        let failure = NodeFailure {
            place: self.place(&failure.node),
            ..failure
        };
        match (failure.phase, number) {
            (Phase::Init, _) => self.on_init_failure(failure),
            (Phase::Deinit, _) => self.record_shutdown_error(RunError::Node(Box::new(failure))),
            (_, None) => tracing::error!("{failure}"),
            (_, Some(number)) if self.on_error(&failure.node) == OnError::Skip => {
                tracing::warn!("{failure}; the epoch is left out");
                self.skip_epoch(orders, number, failure.to_string());
            }
            (_, Some(number)) => self.fail_epoch(orders, number, RunError::Node(Box::new(failure))),
        }
    }

    /// Nothing more can be run: whoever waits is told why.
    pub(crate) fn fail_run(&mut self, error: RunError) {
        if let Some(startup) = self.startup.take() {
            self.told = true;
            let _ = startup.send(error.clone());
        }
        self.abort_reconfigure(&error);
        self.report.broke_down(error.to_string(), self.open.len());
        self.close_open_epochs(error);
    }

    /// It is shut down: whoever waits is told so.
    pub(crate) fn close(&mut self) {
        self.close_open_epochs(RunError::Closed("it was shut down".into()));
    }

    pub(super) fn close_open_epochs(&mut self, error: RunError) {
        for (number, open) in std::mem::take(&mut self.open) {
            self.told = true;
            open.end(number, Err(error.clone()), false);
        }
        self.broken.get_or_insert(error);
    }

    /// A node could not be shut down as it should.
    pub(crate) fn record_shutdown_error(&mut self, error: RunError) {
        self.partings.push(error);
    }

    /// Whether a node has said something when it was shut down.
    pub(crate) fn has_shutdown_error(&self, node: &str) -> bool {
        self.partings.iter().any(|error| match error {
            RunError::Node(failure) => &*failure.node == node,
            RunError::Died(death) => &*death.node == node,
            _ => false,
        })
    }

    /// What nodes said when they were shut down: the first of it; all else goes to the log.
    ///
    /// # Errors
    /// That.
    pub(crate) fn take_shutdown_error(&mut self) -> Result<(), RunError> {
        let mut partings = std::mem::take(&mut self.partings).into_iter();
        let Some(first) = partings.next() else {
            return Ok(());
        };
        for other in partings {
            tracing::warn!("{other}");
        }
        Err(first)
    }

    pub(super) fn fail_epoch(&mut self, orders: &dyn Orders, number: u32, error: RunError) {
        let Some(open) = self.open.remove(&number) else {
            tracing::debug!(epoch = number, %error, "a failure in an epoch that is over already");
            return;
        };
        self.report.epoch_lost(number, false, error.to_string());
        self.discard_epoch(orders, number);
        open.end(number, Err(error), self.scheduler.exhausted());
        self.complete_ready_epochs(orders);
    }

    /// Leaves an epoch out: nothing is returned in it, and the run goes on.
    pub(super) fn skip_epoch(&mut self, orders: &dyn Orders, number: u32, why: String) {
        let Some(mut open) = self.open.remove(&number) else {
            return;
        };
        // A node was called in it, even if what that was called with is yet to be heard: it is one of the epochs that were run.
        open.lived = true;
        self.report.epoch_lost(number, true, why);
        self.discard_epoch(orders, number);
        open.end(number, Ok(None), self.scheduler.exhausted());
        self.complete_ready_epochs(orders);
    }

    pub(super) fn on_error(&self, node: &str) -> OnError {
        let node = self.tube.nodes.get(node);
        let said = node.and_then(|node| node.supervision.or(self.supervision).on_error);
        said.unwrap_or_default()
    }

    /// Why nothing more can be run, if so. The first who asks hears it in full.
    pub(crate) fn closed_reason(&mut self) -> Option<RunError> {
        let broken = self.broken.as_ref()?;
        Some(if std::mem::replace(&mut self.told, true) {
            RunError::Closed(broken.to_string())
        } else {
            broken.clone()
        })
    }
}

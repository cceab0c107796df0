//! Failure policy: whether a failure ends an epoch or the run, and the report of both.

use std::mem;
use std::sync::Arc;

use super::{Coordinator, FailureSender};
use crate::graph::{Epoch, Name, OnError, Supervision};
use crate::runner::recorder::EpochEnd;
use crate::runner::report::RunReport;
use crate::runner::{ClosedReason, NodeFailure, Phase, RunError};

impl Coordinator {
    /// Sets the supervision where the tube does not define it.
    pub(crate) const fn with_supervision(mut self, defaults: Supervision) -> Self {
        self.supervision = defaults;
        self
    }

    /// Returns the report so far.
    pub(crate) const fn report(&self) -> &RunReport {
        &self.report
    }

    /// Returns the number of epochs that were left out of the record of the run.
    pub(crate) fn unrecorded_epochs(&self) -> u64 {
        self.recorder.dropped_epochs()
    }

    /// Returns the number of epochs that are done, failed or skipped.
    pub(crate) const fn finished_epochs(&self) -> u64 {
        let epochs = &self.report.epochs;
        epochs.done + epochs.failed + epochs.skipped
    }

    /// Returns whether state of earlier epochs is lost when the process of a node exits.
    pub(crate) fn loses_state_on_exit(&self, node: &str) -> bool {
        let Some(node) = self.tube.nodes.get(node) else {
            return false;
        };
        node.stateful && !node.restorable && self.requested
    }

    /// Records that the process of a node is restarted, and why.
    pub(crate) fn on_node_restarted(&mut self, node: &Name, how: &str) {
        self.checkpoints.on_restart(node);
        let lowest = self.open.keys().next().copied();
        self.report
            .restarted(node, how, lowest, self.open.len() as u64);
    }

    /// Returns how often the process of a node was restarted.
    pub(crate) fn restart_count(&self, node: &str) -> u32 {
        self.checkpoints.restarts(node)
    }

    /// Records that a call overran its timeout, so that its process will be killed.
    pub(crate) fn on_timeout(&mut self, node: &str, epoch: &Epoch, why: &str) {
        if self.on_error(node) == OnError::Skip {
            let place = self.place(node).map(|place| format!(" ({place})"));
            let why = format!("the node `{node}`{} {why}", place.unwrap_or_default());
            let end = EpochEnd::Skipped(node.into(), why.clone());
            if self.skip_epoch(epoch.number(), why, end) {
                self.count_failure(&node.into(), true);
            }
        }
    }

    /// Sends a failure during start-up to `failed`.
    pub(crate) fn watch_startup(&mut self, failed: FailureSender) {
        self.startup = Some(failed);
    }

    /// Ends the start-up: all nodes are ready.
    pub(crate) fn set_ready(&mut self) {
        self.startup = None;
    }

    /// Returns whether the start-up has ended.
    pub(crate) const fn is_ready(&self) -> bool {
        self.startup.is_none()
    }

    /// Returns why no further epoch can be run, if so.
    pub(crate) const fn run_failure(&self) -> Option<&RunError> {
        self.run_failure.as_ref()
    }

    /// Processes a failure that a node has reported.
    pub(crate) fn on_failure(&mut self, failure: NodeFailure) {
        let number = failure.epoch.as_ref().map(Epoch::number);
        let mut failure = NodeFailure {
            place: self.place(&failure.node),
            ..failure
        };
        if self.filter.foreign().refuses(&failure.node) {
            failure.error = failure.error.without_attachment();
        }
        match (failure.phase, number) {
            (Phase::Init, _) => self.on_init_failure(failure),
            (Phase::Deinit, _) => self.record_shutdown_error(RunError::Node(Box::new(failure))),
            (_, None) => {
                tracing::error!("{failure}");
                self.on_handler_error(RunError::Node(Box::new(failure)));
            }
            (_, Some(number)) if self.on_error(&failure.node) == OnError::Skip => {
                tracing::warn!("{failure}; the epoch is skipped");
                let (why, cause) = (failure.to_string(), failure.error.to_string());
                let end = EpochEnd::Skipped(failure.node.clone(), cause);
                if self.skip_epoch(number, why, end) {
                    self.count_failure(&failure.node, true);
                }
            }
            (_, Some(number)) => {
                let node = failure.node.clone();
                if self.fail_epoch(number, RunError::Node(Box::new(failure))) {
                    self.count_failure(&node, false);
                }
            }
        }
    }

    /// Processes the error of a handler, which belongs to no epoch: the lowest open epoch fails by
    /// it, so that the caller of the run sees it; without an open epoch, the shutdown returns it.
    pub(crate) fn on_handler_error(&mut self, error: RunError) {
        match self.open.keys().next().copied() {
            Some(lowest) => {
                self.fail_epoch(lowest, error);
            }
            None => self.record_shutdown_error(error),
        }
    }

    /// Ends the run, and sends the error to everybody who waits.
    pub(crate) fn fail_run(&mut self, error: RunError) {
        if let Some(startup) = self.startup.take() {
            self.failure_reported = true;
            let _ = startup.send(error.clone());
        }
        self.abort_reconfigure(&error);
        self.report.broke_down(error.to_string(), self.open.len());
        self.close_open_epochs(error);
    }

    /// Ends the run because the runner is shut down.
    pub(crate) fn close(&mut self) {
        self.close_open_epochs(RunError::closed(ClosedReason::ShutDown));
    }

    pub(super) fn close_open_epochs(&mut self, error: RunError) {
        for (number, open) in mem::take(&mut self.open) {
            self.failure_reported = true;
            if open.has_events {
                self.trace_epoch(number, &open, &EpochEnd::of_error(&error));
            }
            open.complete(number, Err(error.clone()), false);
        }
        // The first failure is the cause; later ones follow from it.
        self.run_failure.get_or_insert(error);
    }

    /// Records that a node failed to shut down.
    pub(crate) fn record_shutdown_error(&mut self, error: RunError) {
        self.shutdown_errors.push(error);
    }

    /// Returns whether an error of a node's shutdown was recorded.
    pub(crate) fn has_shutdown_error(&self, node: &str) -> bool {
        self.shutdown_errors.iter().any(|error| match error {
            RunError::Node(failure) => &*failure.node == node,
            RunError::Died(death) => &*death.node == node,
            _ => false,
        })
    }

    /// Takes the errors of nodes that failed to shut down; all but the first are logged.
    ///
    /// # Errors
    /// The first of them.
    pub(crate) fn take_shutdown_error(&mut self) -> Result<(), RunError> {
        let mut errors = mem::take(&mut self.shutdown_errors).into_iter();
        let Some(first) = errors.next() else {
            return Ok(());
        };
        for other in errors {
            tracing::warn!("{other}");
        }
        Err(first)
    }

    /// Fails an epoch; returns whether it was open.
    fn fail_epoch(&mut self, number: u32, error: RunError) -> bool {
        let Some(open) = self.open.remove(&number) else {
            tracing::debug!(epoch = number, %error, "a failure in an epoch that is closed already");
            return false;
        };
        self.report.epoch_lost(number, false, error.to_string());
        self.discard_epoch(number);
        let end = EpochEnd::of_error(&error);
        if let Some((completion, result)) = self.end_epoch(open, number, Err(error), end) {
            completion.send(result);
        }
        self.complete_ready_epochs();
        true
    }

    /// Skips an epoch: nothing is returned in it, and the run goes on; returns whether it was open.
    pub(super) fn skip_epoch(&mut self, number: u32, why: String, end: EpochEnd) -> bool {
        let Some(mut open) = self.open.remove(&number) else {
            return false;
        };
        // A node was called in it even if the events that led to the call have yet to be received,
        // so the epoch counts as one that was run.
        open.lived = true;
        self.report.epoch_lost(number, true, why);
        self.discard_epoch(number);
        if let Some((completion, result)) = self.end_epoch(open, number, Ok(None), end) {
            completion.send(result);
        }
        self.complete_ready_epochs();
        true
    }

    fn on_error(&self, node: &str) -> OnError {
        let node = self.tube.nodes.get(node);
        let policy = node.and_then(|node| node.supervision.or(self.supervision).on_error);
        policy.unwrap_or_default()
    }

    /// Returns why no further epoch can be run, if so: in full to the first who asks.
    pub(crate) fn closed_reason(&mut self) -> Option<RunError> {
        let failure = self.run_failure.as_ref()?;
        Some(if mem::replace(&mut self.failure_reported, true) {
            RunError::closed(ClosedReason::Failure(Arc::new(failure.clone())))
        } else {
            failure.clone()
        })
    }
}

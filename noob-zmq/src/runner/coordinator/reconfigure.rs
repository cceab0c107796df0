//! Enabling and disabling a node between two epochs: the tube is planned anew, and the state of the
//! run stays.

use std::sync::Arc;

use super::{Coordinator, FailureSender};
use crate::graph::{AccessOrder, Name, Plan, Scheduler};
use crate::runner::assets::AssetReplacement;
use crate::runner::enablement::{Reconfigure, moved_gathers};
use crate::runner::{NodeFailure, RunError};

/// Enabling or disabling of a node that is under way.
pub(super) struct PendingReconfigure {
    node: Name,
    /// Receiver of the reason if the node cannot be initialised, or if the run fails.
    failed: FailureSender,
}

impl Coordinator {
    /// Replaces the tube as planned, when no epoch is open.
    ///
    /// A failure of the node, or of the run, that makes the change impossible is sent to `failed`.
    pub(crate) fn reconfigure(&mut self, change: Reconfigure, failed: FailureSender) {
        let Reconfigure {
            tube,
            node,
            first_epoch,
            ..
        } = change;
        self.send_epochs_ended();
        let plan = Arc::new(Plan::new(&tube));
        for gather in moved_gathers(&tube, self.scheduler.plan(), &plan) {
            self.checkpoints.clear(plan.node_name(gather));
        }
        // A node that was shut down starts without state.
        self.checkpoints.clear(&node);
        self.return_node = Self::return_node_of(&tube, &plan);
        self.scheduler = Scheduler::new(Arc::clone(&plan));
        self.scheduler.start_at(first_epoch);
        self.access_order = AccessOrder::new(&tube, &plan);
        self.replacement = AssetReplacement::new(&tube, &plan);
        self.plan_remote();
        self.leases.clear();
        self.returned_leases.clear();
        self.filter.reset();
        self.tube = tube;
        self.next = self.next.max(first_epoch);
        self.reconfigured = true;
        self.reconfiguring = Some(PendingReconfigure { node, failed });
        self.on_node_joined();
    }

    /// Ends a reconfiguration that all nodes have applied.
    ///
    /// # Errors
    /// The error with which the node was shut down.
    pub(crate) fn finish_reconfigure(&mut self) -> Result<(), RunError> {
        let Some(PendingReconfigure { node, .. }) = self.reconfiguring.take() else {
            return Ok(());
        };
        let of_node =
            |error: &RunError| matches!(error, RunError::Node(failure) if failure.node == node);
        match self.shutdown_errors.iter().position(of_node) {
            Some(at) => Err(self.shutdown_errors.remove(at)),
            None => Ok(()),
        }
    }

    /// Records that the process of a disabled node has exited; if it is enabled, another is
    /// started.
    pub(crate) fn on_node_replaced(&mut self, node: &Name) {
        self.checkpoints.on_restart(node);
    }

    /// Reports that a node cannot be enabled to whoever enables it.
    ///
    /// # Errors
    /// The same error, if this node is not being enabled.
    pub(crate) fn fail_enable(&mut self, node: &str, error: RunError) -> Result<(), RunError> {
        match self.reconfiguring.take_if(|pending| *pending.node == *node) {
            Some(pending) => {
                let _ = pending.failed.send(error);
                Ok(())
            }
            None => Err(error),
        }
    }

    /// Processes the failure of a node to initialise.
    pub(super) fn on_init_failure(&mut self, failure: NodeFailure) {
        let node = failure.node.clone();
        if let Err(error) = self.fail_enable(&node, RunError::Node(Box::new(failure))) {
            self.fail_run(error);
        }
    }

    /// Sends the failure of the run to whoever enables or disables a node.
    pub(super) fn abort_reconfigure(&mut self, error: &RunError) {
        if let Some(pending) = self.reconfiguring.take() {
            self.failure_reported = true;
            let _ = pending.failed.send(error.clone());
        }
    }
}

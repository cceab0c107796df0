//! A node is enabled or disabled between two epochs: the tube is planned anew, and what the run has learned stays.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Coordinator, Orders};
use crate::graph::{AccessOrder, Name, Plan, Scheduler, Store, Tube};
use crate::runner::admission::dedup::Once;
use crate::runner::admission::pending_items::Porch;
use crate::runner::assets::AssetReplacement;
use crate::runner::enablement::moved_gathers;
use crate::runner::{NodeFailure, RunError};

/// The node that is being enabled or disabled.
pub(super) struct PendingReconfigure {
    node: Name,
    /// Told if it cannot be initialised, or if the run breaks down.
    failed: oneshot::Sender<RunError>,
}

impl Coordinator {
    /// From epoch `first` on, this is the tube; no epoch is open. The nodes are told by `orders`. What it learns of `node`, or of the run, that
    /// makes the change impossible goes to `failed`.
    pub(crate) fn reconfigure(
        &mut self,
        orders: &dyn Orders,
        tube: Arc<Tube>,
        first: u32,
        node: Name,
        failed: oneshot::Sender<RunError>,
    ) {
        self.send_epochs_ended(orders);
        let plan = Arc::new(Plan::new(&tube));
        for gather in moved_gathers(&tube, self.scheduler.plan(), &plan) {
            self.memories.forget(plan.node_name(gather));
        }
        // What is shut down begins anew.
        self.memories.forget(&node);
        self.return_node = Self::return_node_of(&tube, &plan);
        self.scheduler = Scheduler::new(Arc::clone(&plan));
        self.scheduler.start_at(first);
        self.access_order = AccessOrder::new(&tube, &plan);
        self.replacement = AssetReplacement::new(&tube, &plan);
        self.store = Store::new(plan);
        self.lent.clear();
        self.given_back.clear();
        self.once = Once::default();
        self.porch = Porch::default();
        self.tube = tube;
        self.next = self.next.max(first);
        self.switched = true;
        self.switching = Some(PendingReconfigure { node, failed });
        self.on_node_joined(orders);
    }

    /// All nodes have taken up the change.
    ///
    /// # Errors
    /// What the node said when it was shut down.
    pub(crate) fn finish_reconfigure(&mut self) -> Result<(), RunError> {
        let Some(switching) = self.switching.take() else {
            return Ok(());
        };
        let of_node = |error: &RunError| matches!(error, RunError::Node(failure) if failure.node == switching.node);
        match self.partings.iter().position(of_node) {
            Some(at) => Err(self.partings.remove(at)),
            None => Ok(()),
        }
    }

    /// The process of a node that is disabled has ended: if it is enabled, another takes its place.
    pub(crate) fn on_node_replaced(&mut self, node: &Name) {
        self.memories.restarted(node);
    }

    /// If this node is being enabled, whoever does so is told that it cannot be. Gives the error back if it is not.
    pub(crate) fn fail_enable(&mut self, node: &str, error: RunError) -> Result<(), RunError> {
        match self.switching.take_if(|switching| *switching.node == *node) {
            Some(switching) => {
                let _ = switching.failed.send(error);
                Ok(())
            }
            None => Err(error),
        }
    }

    /// A node could not be initialised.
    pub(super) fn on_init_failure(&mut self, failure: NodeFailure) {
        let node = failure.node.clone();
        if let Err(error) = self.fail_enable(&node, RunError::Node(Box::new(failure))) {
            self.fail_run(error);
        }
    }

    /// The run breaks down while a node is being enabled or disabled.
    pub(super) fn abort_reconfigure(&mut self, error: &RunError) {
        if let Some(switching) = self.switching.take() {
            self.told = true;
            let _ = switching.failed.send(error.clone());
        }
    }
}

//! Reconfiguration of a node process: a node of its tube was enabled or disabled, itself or
//! another; the process plans anew, and keeps the instance of its node and its connections.

use std::sync::Arc;

use super::config::{NodeConfig, make_hosted};
use super::leased_inputs::LeasedInputs;
use super::node_runner::NodeRunner;
use super::worker::work_queue::NodeChange;
use crate::actor::ActorError;
use crate::graph::{AccessOrder, Name, NodeIx, Plan, Scheduler, Store, Tube};
use crate::node::NodeError;
use crate::runner::Phase;
use crate::runner::enablement::moved_gathers;
use crate::transport::Endpoint;
use crate::wire::NodeStatus;

/// Makes the scheduler of a node, and the table of leased inputs, if the node may hold objects that
/// others hold too.
pub(super) fn make_scheduler(
    tube: &Tube,
    plan: &Arc<Plan>,
    me: NodeIx,
) -> (Scheduler, Option<LeasedInputs>) {
    let access_order = AccessOrder::new(tube, plan);
    let leases = access_order.is_some_and(|access_order| access_order.touches(me));
    let local = Arc::new(plan.around(me));
    let place = local.node_index(plan.node_name(me)).unwrap_or(me);
    let mut scheduler = Scheduler::for_node(local, place);
    if !leases {
        // The worker makes calls in the order in which it gets them; leased inputs come in any.
        scheduler.dispatch_ahead();
    }
    (
        scheduler,
        leases.then(|| LeasedInputs::new(tube.types.clone())),
    )
}

impl NodeRunner {
    /// Returns the tube with just these nodes disabled, if that differs from the present tube.
    pub(super) fn tube_with_disabled(&self, disabled: &[Name]) -> Option<Arc<Tube>> {
        let nodes = self.tube.nodes.values();
        let mut other = nodes.filter(|node| node.enabled == disabled.contains(&node.id));
        other.next()?;
        let mut tube = (*self.tube).clone();
        for node in tube.nodes.values_mut() {
            node.enabled = !disabled.contains(&node.id);
        }
        Some(Arc::new(tube))
    }

    /// Replaces the tube, and discards everything that was received before.
    ///
    /// With `late`, events of open epochs may be among what is discarded: publishers resend them.
    pub(super) fn reconfigure(&mut self, tube: Arc<Tube>, late: bool) -> Result<(), ActorError> {
        let config = match NodeConfig::find(Arc::clone(&tube), &self.id) {
            Ok(config) => config,
            Err(error) => {
                self.error(Phase::Init, None, error);
                return Ok(());
            }
        };
        let (plan, me) = (config.plan, config.me);
        let enabled = |tube: &Tube| tube.nodes.get(&self.id).is_some_and(|node| node.enabled);
        let change = match (enabled(&self.tube), enabled(&tube)) {
            (true, false) => Some(NodeChange::Suspend),
            (false, true) => Some(NodeChange::Resume),
            // A gather below another map than before has gathered values of epochs that do not
            // exist any more.
            _ if moved_gathers(&tube, &Plan::new(&self.tube), &plan).contains(&me) => {
                let (tube, id) = (Arc::clone(&tube), self.id.clone());
                let checkpoints = self.checkpoints.clone();
                Some(NodeChange::Replace(Box::new(move || {
                    make_hosted(&tube, &id, checkpoints.as_ref())
                })))
            }
            _ => None,
        };
        if let (Some(_), Some(checkpoints)) = (&change, &self.checkpoints) {
            checkpoints.clear();
        }
        let keeps_running = enabled(&tube) && !matches!(change, Some(NodeChange::Resume));
        self.due_calls.clear();
        self.unrequested.clear();
        if let Some(worker) = &self.worker {
            worker.change(change);
        }
        (self.scheduler, self.leased_inputs) = make_scheduler(&tube, &plan, me);
        let local = Arc::clone(self.scheduler.plan());
        self.me = local.node_index(&self.id).unwrap_or(me);
        self.store = Store::new(local);
        self.filter.reset();
        self.neighbours.plan(&tube);
        let outsiders = !self.neighbours.include_all(&self.subscribers);
        self.routing.set_outsiders(outsiders);
        self.routing.plan(&plan);
        self.tube = tube;
        if late {
            for (feeder, address) in self.neighbours.connected() {
                self.reconnect(feeder, &Endpoint::parse(address)?);
            }
            for feeder in self.neighbours.feeders_in_process() {
                self.ask_again(feeder);
            }
        }
        if keeps_running {
            self.status = self.idle_status();
            // The neighbours may be others now.
            if self.introduced {
                self.identify()?;
            }
        }
        Ok(())
    }

    /// Reports that the node was shut down because it is disabled.
    pub(super) fn on_suspended(&mut self, outcome: Result<(), NodeError>) {
        if let Err(error) = outcome {
            self.error(Phase::Deinit, None, error);
        }
        if let Err(error) = self.update_status(NodeStatus::Closed) {
            tracing::error!(%error, "the status of this node cannot be sent to the command node");
        }
    }

    /// Reports that the node was initialised because it is enabled.
    pub(super) fn on_resumed(&mut self, outcome: Result<(), NodeError>) {
        match outcome {
            Ok(()) => {
                self.status = self.idle_status();
                if let Err(error) = self.identify() {
                    tracing::error!(%error, "the command node cannot be told that this node is \
                        enabled");
                }
            }
            Err(error) => self.error(Phase::Init, None, error),
        }
    }
}

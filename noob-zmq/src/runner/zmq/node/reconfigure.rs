//! What a hosted node does when a node of its tube is enabled or disabled, be it itself or another: it plans anew, and keeps what it knows.

use std::sync::Arc;

use crate::actor::ActorError;
use crate::graph::{AccessOrder, Name, NodeIx, Plan, Scheduler, Store, Tube};
use crate::node::NodeError;
use crate::runner::Phase;
use crate::runner::enablement::moved_gathers;
use crate::runner::zmq::node::config::{NodeConfig, make_hosted};
use crate::runner::zmq::node::leased_inputs::LeasedInputs;
use crate::runner::zmq::node::node_runner::NodeRunner;
use crate::runner::zmq::node::worker::NodeChange;
use crate::transport::Endpoint;
use crate::wire::NodeStatus;

/// The nodes of a tube that are disabled.
pub(crate) fn disabled(tube: &Tube) -> impl Iterator<Item = Name> {
    let disabled = tube.nodes.values().filter(|node| !node.enabled);
    disabled.map(|node| node.id.clone())
}

/// What decides when a node is called; and what it is called with, if it may hold objects that others hold too.
pub(crate) fn scheduled(
    tube: &Tube,
    plan: &Arc<Plan>,
    me: NodeIx,
) -> (Scheduler, Option<LeasedInputs>) {
    let access_order = AccessOrder::new(tube, plan);
    let borrowed = access_order.is_some_and(|access_order| access_order.touches(me));
    let mut scheduler = Scheduler::for_node(Arc::clone(plan), me);
    if !borrowed {
        // The worker makes calls in the order in which it is given them; what is borrowed comes in any.
        scheduler.dispatch_ahead();
    }
    (scheduler, borrowed.then(LeasedInputs::default))
}

impl NodeRunner {
    /// The tube with just these nodes disabled, if that is another than before.
    pub(crate) fn switched(&self, disabled: &[Name]) -> Option<Arc<Tube>> {
        let nodes = self.tube.nodes.values();
        let mut other = nodes.filter(|node| node.enabled == disabled.contains(&node.id));
        other.next()?;
        let mut tube = (*self.tube).clone();
        for node in tube.nodes.values_mut() {
            node.enabled = !disabled.contains(&node.id);
        }
        Some(Arc::new(tube))
    }

    /// From now on this is the tube. Nothing that was said before counts any more; `late` if something of the epochs that are open may have
    /// been among it.
    pub(crate) fn switch(&mut self, tube: Arc<Tube>, late: bool) -> Result<(), ActorError> {
        let hosted = match NodeConfig::find(Arc::clone(&tube), &self.id) {
            Ok(hosted) => hosted,
            Err(error) => {
                self.error(Phase::Init, None, error);
                return Ok(());
            }
        };
        let (plan, me) = (hosted.plan, hosted.me);
        let enabled = |tube: &Tube| tube.nodes.get(&self.id).is_some_and(|node| node.enabled);
        let change = match (enabled(&self.tube), enabled(&tube)) {
            (true, false) => Some(NodeChange::Rest),
            (false, true) => Some(NodeChange::Wake),
            _ if moved_gathers(&tube, self.scheduler.plan(), &plan).contains(&me) => {
                Some(self.renewed(Arc::clone(&tube)))
            }
            _ => None,
        };
        if let (Some(_), Some(checkpoints)) = (&change, &self.checkpoints) {
            checkpoints.clear();
        }
        let awake = enabled(&tube) && !matches!(change, Some(NodeChange::Wake));
        self.calls.clear();
        self.waiting.clear();
        if let Some(worker) = &self.worker {
            worker.change(change);
        }
        (self.scheduler, self.borrowed) = scheduled(&tube, &plan, me);
        self.store = Store::new(plan);
        self.filter.reset();
        self.upstream.set_absent(disabled(&tube));
        (self.me, self.tube) = (me, tube);
        if late {
            // They say it once more to whoever subscribes.
            for address in self.upstream.connected() {
                let address = Endpoint::parse(address)?;
                self.sockets.inbox.disconnect(&address);
                self.sockets.inbox.connect(&address);
            }
        }
        if awake {
            self.update_status(self.upstream.status())?;
        }
        Ok(())
    }

    /// A gather lies below another map than before: what it had gathered is of epochs that there are no more.
    fn renewed(&self, tube: Arc<Tube>) -> NodeChange {
        let (id, checkpoints) = (self.id.clone(), self.checkpoints.clone());
        NodeChange::Renew(Box::new(move || {
            make_hosted(&tube, &id, checkpoints.as_ref())
        }))
    }

    /// The node was shut down since it is disabled.
    pub(crate) fn rested(&mut self, outcome: Result<(), NodeError>) {
        if let Err(error) = outcome {
            self.error(Phase::Deinit, None, error);
        }
        self.tell_status(NodeStatus::Closed);
    }

    /// The node was initialised since it is enabled.
    pub(crate) fn woken(&mut self, outcome: Result<(), NodeError>) {
        match outcome {
            Ok(()) => {
                // The command node answers by saying who is there.
                self.status = self.upstream.status();
                if let Err(error) = self.identify() {
                    tracing::error!(%error, "the command node cannot be told that this node is enabled");
                }
            }
            Err(error) => self.error(Phase::Init, None, error),
        }
    }

    fn tell_status(&mut self, status: NodeStatus) {
        if let Err(error) = self.update_status(status) {
            tracing::error!(%error, "the command node cannot be told of the state of this node");
        }
    }
}

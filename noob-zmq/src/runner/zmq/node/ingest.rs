//! What a hosted node makes of what others say.

use crate::actor::ActorError;
use crate::graph::{Applied, Emit, Event, Name, Role, SignalUpdate};
use crate::runner::admission::RETURNED;
use crate::runner::admission::SNAPSHOT;
use crate::runner::admission::dedup::{Count, too_many};
use crate::runner::admission::epoch_bound::Sight;
use crate::runner::admission::pending_items::Entry;
use crate::runner::error::DisplayEpoch;
use crate::runner::zmq::node::node_runner::NodeRunner;
use crate::transport::Endpoint;

impl NodeRunner {
    /// Takes note of what another node has said.
    pub(crate) fn note(&mut self, event: Event) {
        let plan = self.scheduler.plan();
        let Some(node) = plan.node_index(&event.node_id) else {
            tracing::warn!(node = %event.node_id, "an event of a node that is not in the tube is dropped");
            return;
        };
        if plan.role(node) == Role::Given {
            let why = format!(
                "what `{}` is, the runner says, and no node does",
                event.node_id
            );
            return self.refuse(&event.node_id, &why);
        }
        let number = event.epoch.number();
        match self.horizon.look(&self.ledger, &event.node_id, number) {
            Sight::Within => {}
            Sight::Unknown => return,
            Sight::Beyond => {
                let why = format!(
                    "it is of epoch {}, and as far as this node was told the run has begun those before {}",
                    DisplayEpoch(&event.epoch),
                    self.ledger.next()
                );
                return self.refuse(&event.node_id, &why);
            }
        }
        if self.scheduler.is_closed(number) {
            return;
        }
        let Some(signal) = plan.signal_index(node, &event.signal) else {
            if ![SNAPSHOT, RETURNED].contains(&&*event.signal) {
                let why = format!("it has no signal `{}`", event.signal);
                self.refuse(&event.node_id, &why);
            }
            return;
        };
        match self.porch.look(&self.scheduler, node, Some(signal), &event) {
            Entry::Open => {}
            Entry::Waits => return,
            Entry::Refused(why) => return self.refuse(&event.node_id, &why),
        }
        let calls = self.scheduler.call_count(number, node);
        match self.once.count(plan, node, &event, calls) {
            Count::First => {}
            Count::Again => return,
            Count::TooMany => return self.refuse(&event.node_id, &too_many(&event)),
        }
        match self
            .scheduler
            .event(&event.epoch, node, signal, SignalUpdate::from(&event.value))
        {
            Applied::New => {
                if let Emit::Value(value) = event.value {
                    self.store
                        .put_event(&event.epoch, signal, value, event.id, event.timestamp);
                }
            }
            told => {
                tracing::debug!(node = %event.node_id, signal = %event.signal, epoch = %event.epoch, ?told, "an event changes nothing")
            }
        }
    }

    /// A node has said something that cannot be so.
    fn refuse(&self, node: &Name, why: &str) {
        let reject_counters = self.sockets.inbox.reject_counters();
        reject_counters.count_invalid("inbox", node, &why);
    }

    /// Epochs were begun: who spoke of one of them when it was still far ahead says it once more, since it is kept there until it is over.
    pub(crate) fn hear_again(&mut self) -> Result<(), ActorError> {
        for node in self.horizon.begun(&self.ledger) {
            if let Some(address) = self.upstream.address(&node) {
                let address = Endpoint::parse(address)?;
                self.sockets.inbox.disconnect(&address);
                self.sockets.inbox.connect(&address);
            }
        }
        Ok(())
    }
}

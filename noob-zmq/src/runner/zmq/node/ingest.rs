//! Ingress of a node process: events and outcomes of the nodes that feed it.

use std::sync::Arc;

use super::event_routing::topics_at;
use super::group::links::{Delivery, GroupMessage};
use super::node_runner::NodeRunner;
use crate::actor::ActorError;
use crate::graph::{Emit, Event, Name, Outcome};
use crate::runner::admission::{Admission, Statement};
use crate::transport::Endpoint;

impl NodeRunner {
    /// Processes a message of another node of this process.
    pub(crate) fn on_group_message(&mut self, message: &GroupMessage) {
        match message {
            GroupMessage::Deliver(delivery) => match &**delivery {
                Delivery::Events(events) => self.update_graph(events.iter().cloned()),
                Delivery::Outcomes(node, outcomes) => self.update_outcomes(node, outcomes),
            },
            GroupMessage::Resend(to) => {
                for delivery in self.replay_buffer.deliveries() {
                    let again = GroupMessage::Deliver(Arc::clone(delivery));
                    self.group.send(to, again);
                }
            }
        }
    }

    /// Has a node that feeds this one, of the same process, send everything of open epochs again.
    pub(super) fn ask_again(&self, feeder: &Name) {
        let again = GroupMessage::Resend(self.id.clone());
        self.group.send(feeder, again);
    }

    /// Applies an event of a node to the scheduler and the store, or counts it as rejected.
    pub(super) fn ingest_event(&mut self, event: Event) {
        // A node that was disabled stays connected, and has no part in the run.
        if self.scheduler.plan().is_blocked(self.me) {
            return;
        }
        let opened = self.ledger.opened();
        match self.filter.admit(&mut self.scheduler, opened, &event) {
            Admission::New { signal, .. } => {
                if let Emit::Value(value) = event.value {
                    self.store
                        .put_event(&event.epoch, signal, value, event.id, event.timestamp);
                }
            }
            Admission::Duplicate(_) => {
                tracing::debug!(
                    node = %event.node_id,
                    signal = %event.signal,
                    epoch = %event.epoch,
                    "a duplicate event changes nothing"
                );
            }
            Admission::Rejected(reason) => {
                let reject_counters = self.sockets.inbox.reject_counters();
                reject_counters.count_invalid("inbox", &event.node_id, &reason);
            }
            Admission::Closed(_)
            | Admission::Repeated
            | Admission::Ignored
            | Admission::Deferred
            | Admission::Control(_) => {}
        }
    }

    /// Applies an outcome that the node `sender` has told to the scheduler, or counts it as
    /// rejected.
    pub(super) fn ingest_outcome(&mut self, sender: &Name, outcome: &Outcome) {
        if self.scheduler.plan().is_blocked(self.me) {
            return;
        }
        let opened = self.ledger.opened();
        let scheduler = &mut self.scheduler;
        let admission = self
            .filter
            .admit_outcome(scheduler, opened, sender, outcome);
        if let Admission::Rejected(reason) = admission {
            let reject_counters = self.sockets.inbox.reject_counters();
            reject_counters.count_invalid("inbox", sender, &reason);
        }
    }

    /// Applies events and outcomes that were retained, where their sub-epochs are known by now.
    pub(super) fn ingest_retained(&mut self) {
        loop {
            let due = self.filter.take_due(&self.scheduler);
            if due.is_empty() {
                return;
            }
            for statement in due {
                match statement {
                    Statement::Event(event) => self.ingest_event(event),
                    Statement::Outcome(sender, outcome) => self.ingest_outcome(&sender, &outcome),
                }
            }
        }
    }

    /// Connects anew to the nodes that have emitted events of an epoch too early that is open now.
    ///
    /// A node retains its events until their epoch is closed, and resends them to a new subscriber.
    pub(super) fn resubscribe(&mut self) -> Result<(), ActorError> {
        for node in self.filter.nodes_to_resubscribe(self.ledger.opened()) {
            if let Some(address) = self.neighbours.address(&node) {
                let address = Endpoint::parse(address)?;
                self.reconnect(&node, &address);
            } else if self.group.contains(&node) {
                self.ask_again(&node);
            }
        }
        Ok(())
    }

    /// Connects to a publisher anew, which has it resend the messages of open epochs.
    pub(super) fn reconnect(&self, feeder: &Name, address: &Endpoint) {
        self.sockets.inbox.disconnect(address);
        self.connect_feeder(feeder, address);
    }

    /// Connects to a node that feeds this one, and subscribes to the signals that this one takes.
    pub(super) fn connect_feeder(&self, feeder: &Name, address: &Endpoint) {
        let topics = topics_at(feeder, &self.id, &self.tube);
        self.sockets.inbox.connect_to_topics(address, topics);
    }
}

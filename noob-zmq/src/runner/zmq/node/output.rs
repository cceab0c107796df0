//! Events that the hosted node emits: made from the outputs of calls, applied to the node's own
//! scheduler, collected, and published.

use std::sync::Arc;

use super::event_routing::FEED;
use super::group::links::{Delivery, GroupMessage};
use super::node_runner::NodeRunner;
use super::replay_buffer::{Content, Report};
use crate::actor::{Sends, XPub};
use crate::graph::{Bytes, Emit, Epoch, Event, Name, Outcome, SignalUpdate, Timestamp, Value};
use crate::node::{NodeError, Outputs};
use crate::runner::Phase;
use crate::runner::admission::RETURNED;
use crate::runner::event_ids::EventIds;
use crate::runner::zmq::sockets::NodeSockets;
use crate::wire::{Events, Message, Progress, Receipt};

impl NodeRunner {
    /// Emits the outputs of a call, and completes the call.
    pub(super) fn emit_outputs(&mut self, epoch: &Epoch, outputs: &mut Outputs) {
        if let Some(why) = self.reason_to_keep(epoch, outputs) {
            self.fail_call(epoch.clone(), NodeError::new(why));
            return;
        }
        let timestamp = crate::actor::now();
        let leased = self.leased_inputs.as_mut();
        let returned = leased.map(|leased| leased.return_objects(epoch));
        for object in returned.into_iter().flatten() {
            // Leased objects go back before the outputs: the outputs may refer to them.
            self.unsent.push(Event {
                id: self.ids.next(),
                timestamp,
                node_id: self.id.clone(),
                signal: RETURNED.into(),
                epoch: epoch.clone(),
                value: Emit::Value(Value::Object(object)),
            });
        }
        for (place, output) in outputs.drain().enumerate() {
            let signal = self.scheduler.plan().known_name(self.me, &output.signal);
            match output.epoch {
                None => self.emit(timestamp, epoch.clone(), signal, output.value),
                Some(other) => {
                    let id = EventIds::of_call(epoch, place);
                    self.emit_with_id(id, timestamp, other, signal, output.value);
                }
            }
        }
        self.emit_remaining_as_nothing(timestamp, epoch);
        let _ = self.scheduler.node_done(epoch, self.me);
    }

    /// Returns the reason why the outputs of a call must not leave this host; `None` if they may.
    fn reason_to_keep(&mut self, epoch: &Epoch, outputs: &Outputs) -> Option<String> {
        let foreign = self.filter.foreign();
        if foreign.is_remote()
            && let Some(leased) = &mut self.leased_inputs
        {
            let states = leased.return_objects(epoch);
            let states = states.iter().filter_map(|object| object.state().ok());
            for state in states {
                if let Some(why) = foreign.reason_to_keep(&state, []) {
                    return Some(why);
                }
            }
        }
        outputs.emitted().iter().find_map(|output| {
            let Emit::Value(value) = &output.value else {
                return None;
            };
            let edges = self.tube.edges.iter().filter(|edge| {
                edge.source_node == self.id && *edge.source_signal == *output.signal
            });
            foreign.reason_to_keep(value, edges)
        })
    }

    /// Publishes the collected events in one message, and what no event tells in others; the replay
    /// buffer keeps them.
    pub(super) fn publish_unsent(&mut self) {
        let (last, early): (Vec<Outcome>, Vec<Outcome>) = self
            .scheduler
            .take_outcomes()
            .into_iter()
            .partition(|outcome| outcome.update == SignalUpdate::Last);
        // Items come before the events in them, and the values of a gather before their end.
        self.publish_outcomes(early);
        self.publish_events_unsent();
        self.publish_outcomes(last);
    }

    /// Publishes the collected events: in one message for everybody, if the command node needs all
    /// of it; else a receipt for the command node, and the values for the nodes that take them.
    fn publish_events_unsent(&mut self) {
        if self.unsent.is_empty() {
            return;
        }
        let mut events = std::mem::take(&mut self.unsent);
        self.counts.events_out += events.len() as u64;
        let highest = |events: &[Event]| events.iter().map(|event| event.epoch.number()).max();
        let (last, epoch) = (
            highest(&events).unwrap_or_default(),
            events[0].epoch.clone(),
        );
        if self.routing.end_implication(&events) {
            self.report_implied(true);
        }
        let are_implied = self.routing.are_implied(&events);
        if !self.readers.is_empty() {
            // Implied events that no other process takes are not even encoded.
            let is_inner = are_implied && !self.routing.has_takers();
            let (events, report) = if is_inner {
                (std::mem::take(&mut events), Report::Implied)
            } else {
                (events.clone(), Report::Sent)
            };
            self.deliver(Delivery::Events(events), last, report);
            if is_inner {
                return;
            }
        }
        if are_implied || self.routing.is_for_all(&events) {
            let message = Events(events);
            let (topic, report) = if are_implied {
                let topic = Bytes::from_static(FEED.as_bytes());
                (Some(topic), Report::Implied)
            } else {
                (None, Report::Sent)
            };
            self.publish_as(&message, topic, last, Some(epoch), report);
            events = message.0;
            events.clear();
            self.unsent = events;
            return;
        }
        for (topic, events) in self.routing.for_nodes(&events) {
            self.publish(&Events(events), Some(topic), last, Some(epoch.clone()));
        }
        // The receipt has the checkpoint of a call and its results in one message.
        let receipt = self.routing.receipt(events);
        self.publish(&receipt, None, last, Some(epoch));
    }

    /// Passes what this node publishes to the nodes of its process that it feeds; the replay buffer
    /// keeps it until epoch `highest` is closed.
    fn deliver(&mut self, delivery: Delivery, highest: u32, report: Report) {
        let delivery = Arc::new(delivery);
        for reader in &self.readers {
            let message = GroupMessage::Deliver(Arc::clone(&delivery));
            self.group.send(reader, message);
        }
        let content = Content::Delivery(delivery);
        self.replay_buffer.push(highest, content, report);
    }

    fn publish_outcomes(&mut self, outcomes: Vec<Outcome>) {
        let highest = outcomes.iter().map(|outcome| outcome.epoch.number()).max();
        if let Some(highest) = highest {
            if !self.readers.is_empty() {
                let told = Delivery::Outcomes(self.id.clone(), outcomes.clone());
                self.deliver(told, highest, Report::Sent);
            }
            let progress = Progress::new(self.id.clone(), outcomes);
            self.publish(&progress, None, highest, None);
        }
    }

    /// Publishes a message of which the command node is told, as
    /// [`publish_as`](Self::publish_as).
    fn publish<M: Message>(
        &mut self,
        message: &M,
        topic: Option<Bytes>,
        highest: u32,
        epoch: Option<Epoch>,
    ) where
        NodeSockets: Sends<M, XPub>,
    {
        self.publish_as(message, topic, highest, epoch, Report::Sent);
    }

    /// Publishes a message on a topic, or on that of its kind, and keeps it until epoch `highest`
    /// is closed; an error is one of the epoch `epoch`.
    fn publish_as<M: Message>(
        &mut self,
        message: &M,
        topic: Option<Bytes>,
        highest: u32,
        epoch: Option<Epoch>,
        report: Report,
    ) where
        NodeSockets: Sends<M, XPub>,
    {
        let sent = self.sockets.outbox.prepare(message);
        let sent = sent.and_then(|message| {
            let mut message = match topic {
                Some(topic) => message.on_topic(topic),
                None => message,
            };
            if self.large_values.wants(&message)
                && self.neighbours.include_all(&self.subscribers)
                && self.subscribers.all_share_memory()
            {
                self.large_values.share(&mut message);
                self.sockets.outbox.send_by_handle(&message)?;
            } else {
                self.sockets.outbox.send_prepared(&message)?;
            }
            let content = Content::Message(message);
            self.replay_buffer.push(highest, content, report);
            Ok(())
        });
        if let Err(error) = sent {
            self.error(Phase::Process, epoch, NodeError::from(error));
        }
    }

    /// Sends the events of implied calls to the command node: with `all` every one, otherwise those
    /// whose epochs have stayed open for a while.
    ///
    /// The node that would imply them may be slow or hang, and the command node names the nodes
    /// that an epoch waits for.
    pub(super) fn report_implied(&mut self, all: bool) {
        for content in self.replay_buffer.take_unreported(all) {
            let outbox = &self.sockets.outbox;
            let message = match content {
                Content::Message(message) => Ok(message),
                Content::Delivery(delivery) => match &*delivery {
                    Delivery::Events(events) => outbox.prepare(&Events(events.clone())),
                    Delivery::Outcomes(..) => continue,
                },
            };
            let sent = message
                .map(|message| message.on_topic(Receipt::KIND))
                .and_then(|message| outbox.send_prepared(&message));
            if let Err(error) = sent {
                tracing::debug!(%error, "the command node cannot be told of events");
            }
        }
    }

    /// Collects an event, with a new id.
    pub(super) fn emit(&mut self, timestamp: Timestamp, epoch: Epoch, signal: Name, value: Emit) {
        let id = self.ids.next();
        self.emit_with_id(id, timestamp, epoch, signal, value);
    }

    fn emit_with_id(
        &mut self,
        id: u64,
        timestamp: Timestamp,
        epoch: Epoch,
        signal: Name,
        value: Emit,
    ) {
        // A snapshot is a signal that no plan has.
        let plan = self.scheduler.plan();
        if let Some(signal) = plan.signal_index(self.me, &signal) {
            let place = plan.signals_of(self.me).position(|other| other == signal);
            self.counts.emit(place, &value);
            let name = plan.signal_name(signal);
            self.samples.add(name, &epoch, timestamp, &value);
            let update = SignalUpdate::from(&value);
            let _ = self.scheduler.apply(&epoch, signal, update);
        }
        self.ledger.open_in_free_run(epoch.number());
        self.unsent.push(Event {
            id,
            timestamp,
            node_id: self.id.clone(),
            signal,
            epoch,
            value,
        });
    }

    /// Emits `Nothing` on every declared signal that this call did not emit, so that consumers do
    /// not wait.
    ///
    /// For a signal without consumers, it is enough that the call emitted anything.
    fn emit_remaining_as_nothing(&mut self, timestamp: Timestamp, epoch: &Epoch) {
        let from = self
            .unsent
            .iter()
            .rposition(|event| event.epoch != *epoch)
            .map_or(0, |at| at + 1);
        // What is emitted here is behind `end`, and no reason to leave out another signal.
        let end = self.unsent.len();
        for place in 0..self.own_signals.len() {
            let signal = &self.own_signals[place];
            let emitted = &self.unsent[from..end];
            let is_silent = !emitted.iter().any(|event| event.signal == *signal);
            if is_silent && (emitted.is_empty() || self.has_subscribers(signal)) {
                self.emit(timestamp, epoch.clone(), signal.clone(), Emit::Nothing);
            }
        }
    }

    fn has_subscribers(&self, signal: &str) -> bool {
        let plan = self.scheduler.plan();
        plan.signal_index(self.me, signal)
            .is_some_and(|signal| plan.is_heard(signal))
    }
}

//! The calls of a hosted node: which are due, which are made again or left out, and what is said of them.

use crate::graph::{Emit, Epoch, Event, Name, SignalUpdate, Timestamp, TubeNodeKind, Value};
use crate::node::{Inputs, NodeError, Outputs};
use crate::runner::Phase;
use crate::runner::admission::RETURNED;
use crate::runner::admission::SNAPSHOT;
use crate::runner::event_ids::EventIds;
use crate::runner::zmq::node::node_runner::NodeRunner;
use crate::runner::zmq::node::worker::{Worker, WorkerEvent};
use crate::wire::{Events, Health};

/// What a node has done since its process was started.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) epochs: u64,
    pub(crate) calls: u64,
    pub(crate) events_in: u64,
    pub(crate) events_out: u64,
}

impl NodeRunner {
    /// Takes up what the node has said.
    pub fn take_results(&mut self) {
        let (results, more) = self.worker.as_ref().map(Worker::take).unwrap_or_default();
        if more {
            self.collector.notify_one();
        }
        for done in results {
            match done {
                WorkerEvent::Init(Ok(())) => {
                    self.introduced = true;
                    if let Err(error) = self.identify() {
                        tracing::error!(%error, "the command node cannot be told who this is");
                    }
                }
                WorkerEvent::Init(Err(error)) => {
                    self.worker = None;
                    self.error(Phase::Init, None, error);
                }
                WorkerEvent::Rested(outcome) => self.rested(outcome),
                WorkerEvent::Woken(outcome) => self.woken(outcome),
                WorkerEvent::Renewed(Ok(())) => {}
                WorkerEvent::Renewed(Err(error)) => self.error(Phase::Init, None, error),
                WorkerEvent::Call(epoch, outcome) => self.called(epoch, outcome),
                WorkerEvent::Deinit(outcome) => {
                    let well = outcome.is_ok();
                    if let Err(error) = outcome {
                        self.error(Phase::Deinit, None, error);
                    }
                    self.close(well);
                }
            }
        }
        self.call_ready();
    }

    /// Hands over the calls and publishes the events that have come together since the last time.
    pub fn flush(&mut self) {
        if let (Some(worker), false) = (&self.worker, self.calls.is_empty()) {
            if worker.call(&mut self.calls) > 1 {
                self.collector.notify_one();
            }
            self.leave_out();
        }
        if self.saying.is_empty() {
            return;
        }
        let events = std::mem::take(&mut self.saying);
        let highest = events.iter().map(|event| event.epoch.number()).max();
        let epoch = events.first().map(|event| event.epoch.clone());
        self.counts.events_out += events.len() as u64;
        let said = self.sockets.outbox.prepare(&Events(events));
        let said = said.and_then(|message| {
            self.sockets.outbox.send_prepared(&message)?;
            self.kept.keep(highest.unwrap_or_default(), message);
            Ok(())
        });
        if let Err(error) = said {
            self.error(Phase::Process, epoch, NodeError::from(error));
        }
    }

    /// Tells the command node that this node lives, and what it has done.
    pub fn beat(&mut self) {
        let (queue, busy) = self.worker.as_ref().map(Worker::load).unwrap_or_default();
        let overran = match (&busy, self.supervision.timeout) {
            (Some((_, Some(taken))), Some(timeout)) => *taken > timeout,
            _ => false,
        };
        let health = Health {
            node_id: self.id.clone(),
            status: self.status,
            epochs: self.counts.epochs,
            calls: self.counts.calls,
            events_in: self.counts.events_in,
            events_out: self.counts.events_out,
            queue: (queue + self.calls.len() + self.waiting.len()) as u64,
            busy: busy.map(|(epoch, _)| epoch),
            overran,
            dropped: self
                .lossy
                .as_ref()
                .map(|lossy| lossy.edges.clone())
                .unwrap_or_default(),
            thread: crate::runner::zmq::supervisor::stall_detector::this_thread(),
            refused: self.sockets.dealer.reject_counters().total(),
        };
        if let Err(error) = self.sockets.dealer.send(&health) {
            tracing::debug!(%error, "the command node cannot be told that this node lives");
        }
    }

    /// Has the node called wherever all is there and the epoch was asked for.
    pub(crate) fn call_ready(&mut self) {
        loop {
            let due = self.filter.take_due(&self.scheduler);
            if due.is_empty() {
                break;
            }
            due.into_iter().for_each(|event| self.ingest_event(event));
        }
        let mut due = Vec::new();
        if !self.waiting.is_empty() {
            for epoch in self
                .waiting
                .extract_if(.., |epoch| self.ledger.asked(epoch.number()))
            {
                due.push(epoch);
            }
        }
        while let Some((epoch, node)) = self.scheduler.next_ready() {
            if node != self.me {
                continue;
            }
            if self.ledger.asked(epoch.number()) {
                due.push(epoch);
            } else {
                self.waiting.insert(epoch);
            }
        }
        for epoch in due {
            self.due(epoch);
        }
    }

    /// A call is due: it is made with what is in the store or, where nodes share objects, with what the command node has brought.
    fn due(&mut self, epoch: Epoch) {
        match &mut self.borrowed {
            None => self.calls.push(Inputs::at(&self.store, epoch, self.me)),
            Some(borrowed) => self.calls.extend(borrowed.due(epoch)),
        }
    }

    fn called(&mut self, epoch: Epoch, outcome: Result<Outputs, NodeError>) {
        self.counts.calls += 1;
        if self.scheduler.is_closed(epoch.number()) {
            return;
        }
        match outcome {
            Ok(mut outputs) => {
                let timestamp = crate::actor::now();
                let borrowed = self.borrowed.as_mut();
                let held = borrowed.map(|borrowed| borrowed.give_back(&epoch));
                for object in held.into_iter().flatten() {
                    // First of all what has become of the objects.
                    self.saying.push(Event {
                        id: self.ids.next(),
                        timestamp,
                        node_id: self.id.clone(),
                        signal: RETURNED.into(),
                        epoch: epoch.clone(),
                        value: Emit::Value(Value::Object(object)),
                    });
                }
                for (place, said) in outputs.drain().enumerate() {
                    let signal = self.scheduler.plan().known_name(self.me, &said.signal);
                    match said.epoch {
                        None => self.say(timestamp, epoch.clone(), signal, said.value),
                        Some(other) => {
                            let id = EventIds::of_call(&epoch, place);
                            self.say_as(id, timestamp, other, signal, said.value);
                        }
                    }
                }
                self.say_rest(timestamp, &epoch);
                let _ = self.scheduler.node_done(&epoch, self.me);
            }
            Err(error) => self.failed(epoch, error),
        }
    }

    /// Gives up the epoch of a call.
    fn failed(&mut self, epoch: Epoch, error: NodeError) {
        let checkpoints = self.checkpoints.as_ref();
        if let Some(state) =
            checkpoints.and_then(|checkpoints| checkpoints.state_after_failure(&epoch))
        {
            let timestamp = crate::actor::now();
            self.say(
                timestamp,
                epoch.clone(),
                SNAPSHOT.into(),
                Emit::Value(state),
            );
        }
        let _ = self.scheduler.close(epoch.number());
        self.epochs_failed(&[epoch.number()]);
        self.store.clear(epoch.number());
        self.error(Phase::Process, Some(epoch), error);
    }

    /// Leaves out the oldest of the calls that wait, where an edge says so: nothing happens in their epochs.
    fn leave_out(&mut self) {
        let (Some(lossy), Some(worker)) = (&mut self.lossy, &self.worker) else {
            return;
        };
        let left_out = worker.leave_out(lossy.most as usize);
        if left_out.is_empty() {
            return;
        }
        for (_, count) in &mut lossy.edges {
            *count += left_out.len() as u64;
        }
        let timestamp = crate::actor::now();
        let node = self.tube.nodes.get(&self.id);
        let signals = node.map(|node| node.signals.clone()).unwrap_or_default();
        for inputs in left_out {
            for signal in &signals {
                self.say(
                    timestamp,
                    inputs.epoch.clone(),
                    signal.clone(),
                    Emit::Nothing,
                );
            }
            let _ = self.scheduler.node_done(&inputs.epoch, self.me);
        }
        // A stateful node may be ready for what comes after.
        self.call_ready();
        if let (Some(worker), false) = (&self.worker, self.calls.is_empty()) {
            worker.call(&mut self.calls);
        }
    }

    fn is_heard(&self, signal: &str) -> bool {
        let plan = self.scheduler.plan();
        plan.signal_index(self.me, signal)
            .is_some_and(|signal| plan.is_heard(signal))
    }

    fn say(&mut self, timestamp: Timestamp, epoch: Epoch, signal: Name, value: Emit) {
        let id = self.ids.next();
        self.say_as(id, timestamp, epoch, signal, value);
    }

    fn say_as(&mut self, id: u64, timestamp: Timestamp, epoch: Epoch, signal: Name, value: Emit) {
        if let Some(signal) = self.scheduler.plan().signal_index(self.me, &signal) {
            let update = SignalUpdate::from(&value);
            let _ = self.scheduler.apply(&epoch, signal, update);
        }
        self.ledger.begun(epoch.number());
        let event = Event {
            id,
            timestamp,
            node_id: self.id.clone(),
            signal,
            epoch,
            value,
        };
        self.saying.push(event);
    }

    /// Everything that was declared and not said is nothing: others wait to hear that. Where nobody does, it is enough that something was said.
    fn say_rest(&mut self, timestamp: Timestamp, epoch: &Epoch) {
        let Some(node) = self.tube.nodes.get(&self.id) else {
            return;
        };
        if node.kind != TubeNodeKind::Typed {
            return;
        }
        let from = self
            .saying
            .iter()
            .rposition(|event| event.epoch != *epoch)
            .map_or(0, |at| at + 1);
        let silent: Vec<Name> = node
            .signals
            .iter()
            .filter(|signal| {
                let said = &self.saying[from..];
                !said.iter().any(|event| event.signal == **signal)
                    && (said.is_empty() || self.is_heard(signal))
            })
            .cloned()
            .collect();
        for signal in silent {
            self.say(timestamp, epoch.clone(), signal, Emit::Nothing);
        }
    }
}

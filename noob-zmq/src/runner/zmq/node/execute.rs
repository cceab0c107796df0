//! Calls of the hosted node: collects calls that are due, hands them to the worker thread, and
//! takes their results.

use std::time::{Duration, Instant};

use super::node_runner::NodeRunner;
use super::worker::work_queue::{NodeCall, WorkerEvent};
use crate::graph::{Emit, Epoch, Event};
use crate::node::NodeError;
use crate::runner::Phase;
use crate::runner::admission::SNAPSHOT;
use crate::runner::watch::report::resident_memory;
use crate::runner::zmq::supervisor::stall_detector::this_thread;
use crate::wire::Health;

/// Shortest time between two looks at the memory of the process.
const MEMORY_INTERVAL: Duration = Duration::from_millis(200);

/// Totals of this process.
#[derive(Debug)]
pub(super) struct Counts {
    since: Instant,
    pub(super) epochs: u64,
    pub(super) calls: u64,
    events_in: u64,
    bytes_in: u64,
    pub(super) events_out: u64,
    /// Values and bytes that were emitted, by the place of the signal.
    signals: Vec<(u64, u64)>,
    /// The highest epoch in which the node was called.
    newest: Option<u32>,
    /// Resident memory, and when it was read.
    memory: Option<(Instant, Option<u64>)>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            epochs: 0,
            calls: 0,
            events_in: 0,
            bytes_in: 0,
            events_out: 0,
            signals: Vec::new(),
            newest: None,
            memory: None,
        }
    }
}

impl Counts {
    /// Counts a received event.
    pub(super) fn receive(&mut self, event: &Event) {
        self.events_in += 1;
        if let Emit::Value(value) = &event.value {
            self.bytes_in += value.size();
        }
    }

    /// Counts an event on the signal at this place.
    pub(super) fn emit(&mut self, place: Option<usize>, value: &Emit) {
        let (Some(place), Emit::Value(value)) = (place, value) else {
            return;
        };
        if place >= self.signals.len() {
            self.signals.resize(place + 1, (0, 0));
        }
        if let Some((events, bytes)) = self.signals.get_mut(place) {
            *events += 1;
            *bytes += value.size();
        }
    }

    /// Counts a call that has ended.
    fn end_call(&mut self, epoch: u32) {
        self.calls += 1;
        self.newest = self.newest.max(Some(epoch));
    }

    fn memory(&mut self, now: Instant) -> Option<u64> {
        match self.memory {
            Some((read, memory)) if now - read < MEMORY_INTERVAL => memory,
            _ => {
                let memory = resident_memory();
                self.memory = Some((now, memory));
                memory
            }
        }
    }
}

impl NodeRunner {
    /// Takes the results of the worker thread, and applies them.
    pub fn take_results(&mut self) {
        let mut results = std::mem::take(&mut self.results);
        if let Some(worker) = &self.worker
            && worker.queue().drain_results(&mut results)
        {
            self.collector.notify_one();
        }
        for result in results.drain(..) {
            match result {
                WorkerEvent::Init(Ok(())) => {
                    self.introduced = true;
                    if let Err(error) = self.identify() {
                        tracing::error!(%error, "this node cannot identify itself to the command \
                            node");
                    }
                }
                WorkerEvent::Init(Err(error)) => {
                    self.worker = None;
                    self.error(Phase::Init, None, error);
                }
                WorkerEvent::Suspended(outcome) => self.on_suspended(outcome),
                WorkerEvent::Resumed(outcome) => self.on_resumed(outcome),
                WorkerEvent::Replaced(Ok(())) => {}
                WorkerEvent::Replaced(Err(error)) => self.error(Phase::Init, None, error),
                WorkerEvent::Call(mut call, outcome) => {
                    self.counts.end_call(call.number());
                    if !self.scheduler.is_closed(call.number()) {
                        let epoch = call.inputs.epoch.clone();
                        match outcome {
                            Ok(()) => self.emit_outputs(&epoch, &mut call.outputs),
                            Err(error) => self.fail_call(epoch, error),
                        }
                    }
                    self.spare_calls.recycle(call);
                }
                WorkerEvent::Deinit(outcome) => {
                    let without_error = outcome.is_ok();
                    if let Err(error) = outcome {
                        self.error(Phase::Deinit, None, error);
                    }
                    self.close(without_error);
                }
            }
        }
        self.results = results;
        self.call_ready();
    }

    /// Hands over the calls and publishes the events that were collected since the last time.
    ///
    /// The event loop calls it when it has handled everything that was there: what comes together
    /// is sent together, and nothing waits for more to come.
    pub fn flush(&mut self) {
        if let (Some(worker), false) = (&self.worker, self.due_calls.is_empty()) {
            if worker.call(&mut self.due_calls) > 1 {
                self.collector.notify_one();
            }
            self.drop_stale_calls();
        }
        self.publish_unsent();
    }

    /// Reports to the command node that this process lives, and its totals.
    pub(super) fn send_health(&mut self) {
        let now = Instant::now();
        let (mut load, mut busy_time, mut times) = Default::default();
        if let Some(worker) = &self.worker {
            let mut queue = worker.queue();
            (load, busy_time) = (queue.load(now), queue.busy_time());
            times = queue.call_times(now);
        }
        let (queue, busy) = load;
        let busy_for = busy.as_ref().map(|(_, taken)| *taken).unwrap_or_default();
        let overran = (self.supervision.timeout).is_some_and(|timeout| busy_for > timeout);
        let plan = self.scheduler.plan();
        let signals = plan.signals_of(self.me).zip(&self.counts.signals);
        let signals = signals
            .map(|(signal, (events, bytes))| (plan.signal_name(signal).clone(), *events, *bytes));
        let nanos = |time: Duration| time.as_nanos() as u64;
        let mut health = Health {
            node_id: self.id.clone(),
            status: self.status,
            epochs: self.counts.epochs,
            calls: self.counts.calls,
            events_in: self.counts.events_in,
            events_out: self.counts.events_out,
            queue: (queue + self.due_calls.len() + self.unrequested.len()) as u64,
            busy: busy.map(|(epoch, _)| epoch),
            overran,
            dropped: self
                .lossy_edges
                .as_ref()
                .map(|lossy| lossy.edges.clone())
                .unwrap_or_default(),
            thread: this_thread(),
            terminated: self.terminated,
            refused: self.sockets.dealer.reject_counters().total(),
            uptime: (now - self.counts.since).as_micros() as u64,
            bytes_in: self.counts.bytes_in,
            signals: signals.collect(),
            busy_time: (busy_time + busy_for).as_micros() as u64,
            busy_for: busy_for.as_micros() as u64,
            call_times: times.map(|times| (nanos(times.p50), nanos(times.p99), nanos(times.max))),
            newest: self.counts.newest,
            memory: self.counts.memory(now),
            samples: self.samples.drain(),
        };
        let mut sent = self.sockets.dealer.send(&health);
        if sent.is_err() && !health.samples.is_empty() {
            // A sample may be too deep for a message; without a report, the node would be silent.
            health.samples.clear();
            sent = self.sockets.dealer.send(&health);
        }
        if let Err(error) = sent {
            tracing::debug!(%error, "the command node cannot be told that this node lives");
        }
    }

    /// Ends the node at the second SIGTERM; reports the first to the runner.
    ///
    /// Whoever stops a run from outside, as systemd does, sends SIGTERM to its runner as well,
    /// which then needs its nodes to finish what has begun.
    pub(super) fn on_sigterm(&mut self) {
        if std::mem::replace(&mut self.terminated, true) {
            self.deinit();
        } else {
            self.send_health();
        }
    }

    /// Leaves time for which the process was stopped out of the duration of the running call.
    pub(super) fn postpone_timeout(&self, late: Duration) {
        if let Some(worker) = &self.worker {
            worker.queue().postpone(late);
        }
    }

    /// Queues every call that is complete and in a requested epoch.
    pub(super) fn call_ready(&mut self) {
        self.ingest_retained();
        if !self.unrequested.is_empty() {
            let ledger = &self.ledger;
            let requested = |epoch: &Epoch| ledger.is_requested(epoch.number());
            let due: Vec<Epoch> = self.unrequested.extract_if(.., requested).collect();
            for epoch in due {
                self.enqueue_call(epoch);
            }
        }
        while let Some((epoch, node)) = self.scheduler.next_ready() {
            if node != self.me {
                continue;
            }
            if self.ledger.is_requested(epoch.number()) {
                self.enqueue_call(epoch);
            } else {
                self.unrequested.insert(epoch);
            }
        }
    }

    /// Queues a call with the inputs of the store or, where nodes share objects, with those that
    /// the command node has sent.
    fn enqueue_call(&mut self, epoch: Epoch) {
        match &mut self.leased_inputs {
            None => {
                let call = self.spare_calls.take(&self.store, epoch, self.me);
                self.due_calls.push(call);
            }
            Some(leased) => {
                let inputs = leased.on_due(epoch);
                self.due_calls.extend(inputs.map(NodeCall::new));
            }
        }
    }

    /// Closes the epoch of a call that failed.
    pub(super) fn fail_call(&mut self, epoch: Epoch, error: NodeError) {
        let checkpoints = self.checkpoints.as_ref();
        if let Some(state) =
            checkpoints.and_then(|checkpoints| checkpoints.state_after_failure(&epoch))
        {
            let (at, state) = (epoch.clone(), Emit::Value(state));
            self.emit(crate::actor::now(), at, SNAPSHOT.into(), state);
        }
        let _ = self.scheduler.close(epoch.number());
        self.fail_epochs(&[epoch.number()]);
        self.store.clear(epoch.number());
        self.error(Phase::Process, Some(epoch), error);
    }

    /// Drops the oldest of the calls that wait, where an edge allows it: their epochs emit nothing.
    fn drop_stale_calls(&mut self) {
        let (Some(lossy), Some(worker)) = (&mut self.lossy_edges, &self.worker) else {
            return;
        };
        let dropped = worker.queue().drop_oldest(lossy.most as usize);
        if dropped.is_empty() {
            return;
        }
        for (_, count) in &mut lossy.edges {
            *count += dropped.len() as u64;
        }
        let timestamp = crate::actor::now();
        let node = self.tube.nodes.get(&self.id);
        let signals = node.map(|node| node.signals.clone()).unwrap_or_default();
        for call in dropped {
            let epoch = &call.inputs.epoch;
            for signal in &signals {
                self.emit(timestamp, epoch.clone(), signal.clone(), Emit::Nothing);
            }
            let _ = self.scheduler.node_done(epoch, self.me);
        }
        // A stateful node may be ready for the calls after the dropped ones.
        self.call_ready();
        if let (Some(worker), false) = (&self.worker, self.due_calls.is_empty()) {
            worker.call(&mut self.due_calls);
        }
    }
}

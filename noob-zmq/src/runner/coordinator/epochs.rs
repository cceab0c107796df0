//! Opening and completing epochs.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::ops::Range;
use std::sync::{Arc, mpsc};

use super::{Action, CompletionSender, Coordinator, RunPosition};
use crate::graph::{
    Applied, Emit, Epoch, Event, Map, Name, NodeIx, SignalUpdate, Timestamp, Value, next_ready,
};
use crate::node::special::Return;
use crate::node::{Inputs, Outputs};
use crate::runner::RunError;
use crate::runner::assets::{self, AssetValues, ObjectTable};
use crate::runner::inputs::EpochInputs;
use crate::runner::recorder::EpochEnd;
use crate::runner::report::report_ended_source;

/// Number of closed epochs from which they are announced to the nodes before the next epoch of
/// [`Coordinator::submit`].
const CLOSED_PER_EPOCH: usize = 8;
/// Number of closed epochs from which they are announced without an order to run more.
const CLOSED_PER_MESSAGE: usize = 64;
/// Bytes of events of closed epochs from which these are announced: nodes keep them until then.
const CLOSED_BYTES: u64 = 4 << 20;

/// Result of an epoch.
#[derive(Debug)]
pub(crate) struct EpochResult {
    /// Number of the root epoch.
    pub(crate) number: u32,
    /// Value that it returned; [`RunError::Exhausted`] if it came after the last.
    pub(crate) returned: Result<Option<Value>, RunError>,
    /// Whether any value was emitted in it.
    pub(crate) lived: bool,
    /// Whether every source had ended when it was closed.
    pub(crate) exhausted: bool,
    /// Approximate size of its events in bytes.
    pub(crate) bytes: u64,
    /// Assets that were replaced in it.
    pub(crate) replaced: AssetValues,
}

impl EpochResult {
    /// Returns the result of an epoch that was not opened, or whose runner is gone.
    pub(crate) const fn not_opened(number: u32, error: RunError, exhausted: bool) -> Self {
        Self {
            number,
            returned: Err(error),
            lived: false,
            exhausted,
            bytes: 0,
            replaced: AssetValues::new(),
        }
    }

    /// Returns the result, or the error of its record in place of the value.
    fn recorded(mut self, recorded: Result<(), RunError>) -> Self {
        if let Err(error) = recorded {
            self.returned = Err(error);
        }
        self
    }
}

/// Epoch that was requested and is not closed.
pub(super) struct OpenEpoch {
    pub(super) completion: CompletionSender,
    /// Its process-scoped inputs.
    input: Option<Arc<Map>>,
    returned: Return,
    /// Time at which it was opened, if its span is exported.
    opened: Option<Timestamp>,
    /// Time of its first event.
    pub(super) begun: Option<Timestamp>,
    /// Whether any event of it was received.
    pub(super) has_events: bool,
    /// Whether a value was emitted in it.
    pub(super) lived: bool,
    /// Size of the values that were emitted in it, in bytes.
    pub(super) bytes: u64,
    /// Assets that were replaced.
    pub(super) replaced: AssetValues,
    /// Objects that nodes have emitted.
    pub(super) objects: ObjectTable,
    /// Sizes of the withheld values of deferred events, by node and id of the event.
    pub(super) withheld: HashMap<(Name, u64), u64>,
    /// Events that the observers were given.
    pub(super) observed: HashSet<(Epoch, Name, Name, u64)>,
}

impl OpenEpoch {
    /// Sends the result to whoever requested the epoch.
    pub(super) fn complete(
        self,
        number: u32,
        returned: Result<Option<Value>, RunError>,
        exhausted: bool,
    ) {
        let (completion, result) = self.result(number, returned, exhausted);
        completion.send(result);
    }

    /// Returns the result, and the sender for it.
    pub(super) fn result(
        self,
        number: u32,
        returned: Result<Option<Value>, RunError>,
        exhausted: bool,
    ) -> (CompletionSender, EpochResult) {
        let result = EpochResult {
            number,
            returned,
            lived: self.lived,
            bytes: self.bytes,
            exhausted,
            replaced: self.replaced,
        };
        (self.completion, result)
    }
}

impl Coordinator {
    /// Opens one epoch, with process-scoped inputs and assets of its own.
    pub(crate) fn submit(
        &mut self,
        number: u32,
        inputs: &EpochInputs,
        values: &AssetValues,
        completion: CompletionSender,
    ) {
        if let Some(completion) = self.check_can_open(number, completion) {
            self.observe_if_due();
            self.open_epoch(number, inputs, values, completion);
            let input = inputs.given().clone();
            let epoch = number;
            if self.closed.len() >= CLOSED_PER_EPOCH {
                self.send_epochs_ended();
            }
            self.actions.push_back(Action::Process { epoch, input });
            self.complete_ready_epochs();
        }
    }

    /// Opens epochs without process-scoped inputs, which follow all that were opened before.
    pub(crate) fn request_epochs(
        &mut self,
        epochs: Range<u32>,
        values: &AssetValues,
        results: &mpsc::Sender<EpochResult>,
    ) {
        self.stopping = false;
        self.observe_if_due();
        let mut count = 0;
        for number in epochs {
            let completion = CompletionSender::Queue(results.clone());
            if let Some(completion) = self.check_can_open(number, completion) {
                self.open_epoch(number, &EpochInputs::default(), values, completion);
                count += 1;
            }
        }
        if count > 0 {
            // Both messages wake the nodes once.
            self.send_epochs_ended();
            self.actions.push_back(Action::Start(count));
        }
        self.complete_ready_epochs();
    }

    /// Applies what a call of a node in this process emitted.
    pub(crate) fn on_call_finished(&mut self, node: NodeIx, epoch: &Epoch, mut outputs: Outputs) {
        if let Some(open) = self.open.get_mut(&epoch.number()) {
            open.has_events = true;
        }
        let timestamp = (self.clock)();
        let mut events = Vec::with_capacity(outputs.emitted().len());
        for emitted in outputs.drain() {
            events.push(Event {
                id: self.ids.next(),
                timestamp,
                node_id: self.scheduler.plan().node_name(node).clone(),
                signal: self.scheduler.plan().known_name(node, &emitted.signal),
                epoch: emitted.epoch.unwrap_or_else(|| epoch.clone()),
                value: emitted.value,
            });
        }
        for event in &events {
            let signal = self.scheduler.plan().signal_index(node, &event.signal);
            let Some(signal) = signal else { continue };
            self.mark_received(event);
            // The epoch may have failed while the node was called.
            if self.scheduler.is_closed(event.epoch.number()) {
                self.recorder.late_event(event);
                continue;
            }
            let update = SignalUpdate::from(&event.value);
            self.recorder.event(event);
            if self.scheduler.apply(&event.epoch, signal, update) == Applied::New
                && let Emit::Value(value) = &event.value
            {
                self.store_value(signal, event, value.clone());
            }
        }
        let _ = self.scheduler.node_done(epoch, node);
        self.notify_observers(&events);
        self.complete_ready_epochs();
    }

    /// Announces where the run stands, since a process has connected that may have missed it.
    ///
    /// Does nothing before the first epoch was requested.
    pub(crate) fn on_node_joined(&mut self) {
        if self.observes_anew {
            self.actions.push_back(Action::Observe);
        }
        if !self.requested && !self.reconfigured {
            return;
        }
        let open = self.open.iter();
        let nodes = self.tube.nodes.values();
        let disabled = nodes.filter(|node| !node.enabled);
        self.actions.push_back(Action::Resume(RunPosition {
            next: self.next,
            open: open
                .map(|(number, open)| (*number, open.input.clone()))
                .collect(),
            states: self.checkpoints.pending_restores(),
            failed: self.checkpoints.failed().collect(),
            disabled: disabled.map(|node| node.id.clone()).collect(),
        }));
        for (epoch, node) in self.leases.keys() {
            self.actions.push_back(Action::Call {
                node: *node,
                name: self.scheduler.plan().node_name(*node).clone(),
                inputs: Inputs::at(&self.store, epoch.clone(), *node),
            });
        }
    }

    /// Returns the lowest open epoch.
    pub(crate) fn lowest_open(&self) -> Option<Epoch> {
        self.open.keys().next().map(|&number| Epoch::root(number))
    }

    /// Returns the number of open epochs, and the highest of them.
    pub(crate) fn open_epochs(&self) -> (usize, u32) {
        let last = self.open.keys().next_back().copied();
        (self.open.len(), last.unwrap_or_default())
    }

    /// Announces the epochs that were closed since the last announcement.
    pub(crate) fn send_epochs_ended(&mut self) {
        if !self.closed.is_empty() {
            let epochs = mem::take(&mut self.closed);
            let failed = mem::take(&mut self.failed);
            self.closed_bytes = 0;
            self.actions
                .push_back(Action::EpochsEnded { epochs, failed });
        }
    }

    /// Calls nodes that are ready, and completes epochs in which no further call can come.
    pub(super) fn complete_ready_epochs(&mut self) {
        self.ingest_deferred();
        self.process_deferred_failures();
        while let Some((epoch, node)) = next_ready(&mut self.access_order, &mut self.scheduler) {
            if Some(node) != self.return_node {
                self.lease_inputs(epoch, node);
                continue;
            }
            let mut arguments = self.store.arguments(&epoch, node);
            if let Some(open) = self.open.get_mut(&epoch.number()) {
                open.returned.call(&mut arguments);
            }
            self.notify_return(&epoch, node);
            let _ = self.scheduler.node_done(&epoch, node);
        }
        let closed: Vec<u32> = self.scheduler.take_closed().collect();
        let exhausted = self.scheduler.exhausted();
        // Sent together: the first one wakes the reader, which then finds the others.
        let mut completed = Vec::with_capacity(closed.len());
        for number in closed {
            self.discard_leases(number);
            self.store.clear(number);
            let Some(mut open) = self.open.remove(&number) else {
                continue;
            };
            if open.lived && !self.end_reported {
                let (scheduler, node) = (&self.scheduler, self.return_node);
                self.end_reported = report_ended_source(&self.tube, scheduler, node, number);
            }
            self.report.epochs.done += u64::from(open.has_events || !exhausted);
            self.closed.push(number);
            self.closed_bytes = self.closed_bytes.saturating_add(open.bytes);
            self.filter.close_epoch(number);
            if exhausted && !open.has_events {
                // It was requested before the end of the last source was known.
                self.recorder.discard_epoch(number);
                completed.push(open.result(number, Err(RunError::Exhausted), exhausted));
                continue;
            }
            let result = open.returned.collect();
            self.spare_returns.push(mem::take(&mut open.returned));
            if exhausted && !open.lived {
                // The sources told their end in it, and nothing else.
                self.recorder.discard_epoch(number);
                self.trace_epoch(number, &open, &EpochEnd::Done);
                completed.push(open.result(number, Ok(result), exhausted));
                continue;
            }
            completed.extend(self.end_epoch(open, number, Ok(result), EpochEnd::Done));
        }
        for (completion, result) in completed {
            completion.send(result);
        }
        if self.closed.len() >= CLOSED_PER_MESSAGE || self.closed_bytes >= CLOSED_BYTES {
            self.send_epochs_ended();
        }
        self.process_deferred_failures();
    }

    /// Returns the result of an epoch that is over, and the sender for it; where the run is
    /// recorded, the recorder sends it, since an epoch counts as in flight until the disk keeps up.
    #[must_use]
    pub(super) fn end_epoch(
        &mut self,
        open: OpenEpoch,
        number: u32,
        returned: Result<Option<Value>, RunError>,
        end: EpochEnd,
    ) -> Option<(CompletionSender, EpochResult)> {
        let exhausted = self.scheduler.exhausted();
        self.trace_epoch(number, &open, &end);
        let ended = open.result(number, returned, exhausted);
        let ended = self
            .recorder
            .end_epoch(number, end, ended, |ended, recorded| {
                let (completion, result) = ended;
                completion.send(result.recorded(recorded));
            });
        let ended =
            ended.map(|((completion, result), recorded)| (completion, result.recorded(recorded)));
        if let Some(error) = self.recorder.failure()
            && self.run_failure.is_none()
        {
            self.fail_run(error);
        }
        ended
    }

    /// Exports the span of an epoch that is over.
    pub(super) fn trace_epoch(&self, number: u32, open: &OpenEpoch, end: &EpochEnd) {
        self.tracer.end_epoch(number, open.opened, self.clock, end);
    }

    /// Discards what is retained of an epoch that has failed or was skipped.
    pub(super) fn discard_epoch(&mut self, number: u32) {
        let _ = self.scheduler.close(number);
        self.discard_leases(number);
        self.store.clear(number);
        self.closed.push(number);
        self.failed.push(number);
        self.checkpoints.epoch_failed(number, self.next);
        self.filter.close_epoch(number);
        self.send_epochs_ended();
    }

    fn process_deferred_failures(&mut self) {
        while let Some(failure) = self.deferred_failures.pop() {
            self.on_failure(failure);
        }
    }

    /// Returns the sender if the epoch can be opened; else sends the reason by it.
    fn check_can_open(
        &mut self,
        number: u32,
        completion: CompletionSender,
    ) -> Option<CompletionSender> {
        let error = match self.closed_reason() {
            Some(failure) => failure,
            None if self.scheduler.exhausted() => RunError::Exhausted,
            None => return Some(completion),
        };
        let exhausted = self.scheduler.exhausted();
        completion.send(EpochResult::not_opened(number, error, exhausted));
        None
    }

    fn open_epoch(
        &mut self,
        number: u32,
        inputs: &EpochInputs,
        values: &AssetValues,
        completion: CompletionSender,
    ) {
        self.next = self.next.max(number.saturating_add(1));
        self.requested = true;
        self.recorder.inputs(number, inputs.given(), self.clock);
        let returned = self.spare_returns.pop().unwrap_or_else(|| {
            let node = self.tube.return_node().map(|node| &*node.id);
            Return::new(node.unwrap_or_default(), &self.tube.edges)
        });
        let open = OpenEpoch {
            completion,
            input: (!inputs.given().is_empty()).then(|| Arc::new(inputs.given().clone())),
            returned,
            opened: self.tracer.begin_epoch(self.clock),
            begun: None,
            has_events: false,
            lived: false,
            bytes: 0,
            replaced: AssetValues::new(),
            objects: ObjectTable::default(),
            withheld: HashMap::new(),
            observed: HashSet::new(),
        };
        self.open.insert(number, open);
        self.begin_at_request(number);
        let _ = self.scheduler.open(number);
        let plan = self.scheduler.plan();
        inputs.put(&self.tube, plan, &mut self.store, number);
        assets::put(&self.tube, plan, &mut self.store, number, values);
        let _ = self.scheduler.input_done(number);
    }
}

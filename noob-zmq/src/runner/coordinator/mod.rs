//! What the runner's side of a run decides: which epochs to ask for, when one is over, what it returned, and what a failure ends.
//!
//! It sends nothing itself but what it says through [`Orders`]; no sockets.

pub(crate) mod checkpoints;
mod failures;
mod ingest;
mod leases;
mod observers;
mod reconfigure;
#[cfg(test)]
mod tests;
mod validate;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::sync::{Arc, mpsc};
use std::time::SystemTime;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

pub(crate) use observers::EventObservers;

use self::checkpoints::CheckpointStore;
use self::reconfigure::PendingReconfigure;
use crate::graph::{
    AccessOrder, Applied, Emit, Epoch, Event, Map, Name, NodeIx, Plan, Scheduler, Store,
    Supervision, Timestamp, Tube, Value, next_ready,
};
use crate::node::special::Return;
use crate::node::{Inputs, NodeError, Outputs};
use crate::runner::admission::dedup::Once;
use crate::runner::admission::pending_items::Porch;
use crate::runner::assets::ObjectTable;
use crate::runner::assets::{self, AssetReplacement, AssetValues};
use crate::runner::event_ids::EventIds;
use crate::runner::inputs::EpochInputs;
use crate::runner::report::RunReport;
use crate::runner::{NodeFailure, RunError};
use crate::wire::Resume;

/// How many epochs may be over before nodes are told so.
const OVER: usize = 8;

/// What the engine has others do.
pub(crate) trait Orders {
    /// Has the nodes run one epoch with these inputs.
    fn process(&self, epoch: u32, input: Map);
    /// Has the nodes run `n` more epochs.
    fn start(&self, n: u32);
    /// Tells the nodes that epochs are over, and which of them have failed or were left out.
    fn epochs_ended(&self, epochs: Vec<u32>, failed: Vec<u32>);
    /// Tells the nodes that nothing more is asked for.
    fn stop(&self);
    /// Whether nodes are in other processes: then they find out on their own when they are ready, and are told only when it is their turn to
    /// hold shared objects.
    fn lends(&self) -> bool {
        false
    }
    /// A node is to be called with this.
    ///
    /// # Errors
    /// Values that cannot be brought to it.
    fn call(&self, node: NodeIx, name: &Name, inputs: Inputs) -> Result<(), NodeError>;
    /// A node has said something that cannot be so; it is not believed.
    fn refuse(&self, node: &Name, why: &str) {
        tracing::warn!(%node, "an event is dropped: {why}");
    }
    /// Tells the nodes where the run stands: one of those in other processes may have missed it.
    fn resume(&self, resume: &Resume) {
        let _ = resume;
    }
}

/// Where it is told what became of an epoch.
#[derive(Debug)]
pub(crate) enum CompletionSender {
    /// To someone who waits for several.
    Queue(mpsc::Sender<EpochResult>),
    /// To a caller that waits for this one, and whose permit goes back when it is over.
    Once(oneshot::Sender<EpochResult>, OwnedSemaphorePermit),
}

impl CompletionSender {
    /// Whoever does not wait any more does not hear it.
    fn send(self, outcome: EpochResult) {
        match self {
            Self::Queue(queue) => drop(queue.send(outcome)),
            Self::Once(once, _permit) => drop(once.send(outcome)),
        }
    }
}

/// What became of an epoch.
#[derive(Debug)]
pub(crate) struct EpochResult {
    /// The root epoch.
    pub(crate) number: u32,
    /// What it returned; [`RunError::Exhausted`] if it came after the last.
    pub(crate) returned: Result<Option<Value>, RunError>,
    /// Whether anything was said in it.
    pub(crate) lived: bool,
    /// Whether every source had ended when it was over.
    pub(crate) exhausted: bool,
    /// How many bytes its events took up, about.
    pub(crate) bytes: u64,
    /// The assets that were replaced in it.
    pub(crate) replaced: AssetValues,
}

/// The state of a run, as the runner sees it.
pub(crate) struct Coordinator {
    tube: Arc<Tube>,
    scheduler: Scheduler,
    /// In which order nodes are called that may hold the same object.
    access_order: Option<AccessOrder>,
    /// What nodes in other processes hold.
    lent: BTreeMap<(Epoch, NodeIx), ObjectTable>,
    /// The calls in open epochs that have given back what they were lent.
    given_back: BTreeSet<(Epoch, NodeIx)>,
    /// Failures that are yet to be dealt with.
    unsaid: Vec<NodeFailure>,
    replacement: AssetReplacement,
    store: Store,
    return_node: Option<NodeIx>,
    /// The epoch after the highest that was ever asked for.
    next: u32,
    /// Whether anything was asked for.
    asked: bool,
    open: BTreeMap<u32, OpenEpoch>,
    /// Epochs that are over, and nodes were not told so yet: they only keep what they could forget.
    over: Vec<u32>,
    /// Those of them that have failed or were left out.
    failed: Vec<u32>,
    callbacks: EventObservers,
    ids: EventIds,
    once: Once,
    porch: Porch,
    /// Why nothing more can be run.
    broken: Option<RunError>,
    /// Somebody who waited was told so.
    told: bool,
    startup: Option<oneshot::Sender<RunError>>,
    /// The node that is being enabled or disabled.
    switching: Option<PendingReconfigure>,
    /// Whether nodes were enabled or disabled since the start.
    switched: bool,
    /// What is done about failures where the tube does not say it.
    supervision: Supervision,
    /// What nodes know that can be started again.
    memories: CheckpointStore,
    report: RunReport,
    /// What nodes said when they were shut down, and how those ended that did not do so by themselves.
    partings: Vec<RunError>,
}

/// An epoch that was asked for and is not over.
struct OpenEpoch {
    reply: CompletionSender,
    /// Its process-scoped inputs.
    input: Option<Arc<Map>>,
    returned: Return,
    /// Whether anything was heard of it.
    heard: bool,
    /// Whether a value was said in it.
    lived: bool,
    /// How many bytes the values that were said in it take up.
    bytes: u64,
    /// The assets that were replaced.
    replaced: AssetValues,
    /// The objects that nodes have spoken of.
    objects: ObjectTable,
    /// What callbacks were told of.
    told: HashSet<(Epoch, Name, Name, u64)>,
}

impl Coordinator {
    /// The engine of a run whose first epoch is `first`.
    pub(crate) fn new(tube: Arc<Tube>, callbacks: EventObservers, first: u32) -> Self {
        let plan = Arc::new(Plan::new(&tube));
        let return_node = Self::return_node_of(&tube, &plan);
        let mut scheduler = Scheduler::new(Arc::clone(&plan));
        scheduler.start_at(first);
        Self {
            scheduler,
            access_order: AccessOrder::new(&tube, &plan),
            lent: BTreeMap::new(),
            given_back: BTreeSet::new(),
            unsaid: Vec::new(),
            replacement: AssetReplacement::new(&tube, &plan),
            store: Store::new(plan),
            return_node,
            tube,
            next: 0,
            asked: false,
            open: BTreeMap::new(),
            over: Vec::new(),
            failed: Vec::new(),
            callbacks,
            ids: EventIds::new(),
            once: Once::default(),
            porch: Porch::default(),
            broken: None,
            told: false,
            startup: None,
            switching: None,
            switched: false,
            supervision: Supervision::default(),
            memories: CheckpointStore::default(),
            report: RunReport::default(),
            partings: Vec::new(),
        }
    }

    fn return_node_of(tube: &Tube, plan: &Plan) -> Option<NodeIx> {
        let node = tube.return_node().filter(|node| node.enabled)?;
        plan.node_index(&node.id)
    }

    /// Begins one epoch, with inputs of its own and these assets.
    pub(crate) fn submit(
        &mut self,
        orders: &dyn Orders,
        number: u32,
        inputs: &EpochInputs,
        values: &AssetValues,
        reply: CompletionSender,
    ) {
        if let Some(reply) = self.check_can_open(number, reply) {
            self.open_epoch(number, inputs, values, reply);
            orders.process(number, inputs.given().clone());
            self.complete_ready_epochs(orders);
        }
    }

    /// Begins epochs that have no inputs of their own: those that come after all that were begun.
    pub(crate) fn request_epochs(
        &mut self,
        orders: &dyn Orders,
        epochs: Range<u32>,
        values: &AssetValues,
        reply: &mpsc::Sender<EpochResult>,
    ) {
        let mut n = 0;
        for number in epochs {
            if let Some(reply) = self.check_can_open(number, CompletionSender::Queue(reply.clone()))
            {
                self.open_epoch(number, &EpochInputs::default(), values, reply);
                n += 1;
            }
        }
        if n > 0 {
            orders.start(n);
        }
        self.complete_ready_epochs(orders);
    }

    /// Tells the nodes that nothing more is asked for; epochs that were asked for are finished.
    pub(crate) fn stop(&self, orders: &dyn Orders) {
        orders.stop();
    }

    /// A node was called, in this process, and said all this.
    pub(crate) fn on_call_finished(
        &mut self,
        orders: &dyn Orders,
        node: NodeIx,
        epoch: &Epoch,
        mut outputs: Outputs,
    ) {
        if let Some(open) = self.open.get_mut(&epoch.number()) {
            open.heard = true;
        }
        let timestamp = Timestamp::from_system(SystemTime::now());
        let mut events = Vec::with_capacity(outputs.emitted().len());
        for said in outputs.drain() {
            events.push(Event {
                id: self.ids.next(),
                timestamp,
                node_id: self.scheduler.plan().node_name(node).clone(),
                signal: self.scheduler.plan().known_name(node, &said.signal),
                epoch: said.epoch.unwrap_or_else(|| epoch.clone()),
                value: said.value,
            });
        }
        for event in &events {
            let signal = self.scheduler.plan().signal_index(node, &event.signal);
            if let Some(signal) = signal
                && self.apply(node, signal, event) == Applied::New
                && let Emit::Value(value) = &event.value
            {
                self.store_value(signal, event, value.clone());
            }
        }
        let _ = self.scheduler.node_done(epoch, node);
        self.notify_observers(&events);
        self.complete_ready_epochs(orders);
    }

    /// Tells the nodes where the run stands, if anything was asked for: one of them may have missed it.
    pub(crate) fn on_node_joined(&self, orders: &dyn Orders) {
        if !self.asked && !self.switched {
            return;
        }
        orders.resume(&Resume {
            next: self.next,
            open: self
                .open
                .iter()
                .map(|(number, open)| (*number, open.input.clone()))
                .collect(),
            states: self.memories.to_tell(),
            failed: self.memories.failed().collect(),
            disabled: {
                let nodes = self.tube.nodes.values();
                let disabled = nodes.filter(|node| !node.enabled);
                disabled.map(|node| node.id.clone()).collect()
            },
        });
        for (epoch, node) in self.lent.keys() {
            let inputs = Inputs::at(&self.store, epoch.clone(), *node);
            if let Err(error) = orders.call(*node, &self.node_name(*node), inputs) {
                tracing::error!(%error, "the node cannot be told what it is called with");
            }
        }
    }

    /// The lowest epoch that is waited for.
    pub(crate) fn lowest_open(&self) -> Option<Epoch> {
        self.open.keys().next().map(|&number| Epoch::root(number))
    }

    /// How many epochs are waited for, and the highest of them.
    pub(crate) fn open_epochs(&self) -> (usize, u32) {
        let last = self.open.keys().next_back().copied();
        (self.open.len(), last.unwrap_or_default())
    }

    /// The name of a node.
    pub(crate) fn node_name(&self, node: NodeIx) -> Name {
        self.scheduler.plan().node_name(node).clone()
    }

    /// Where a node stands in the tube.
    pub(crate) fn place(&self, node: &str) -> Option<String> {
        self.tube.node_at(node)
    }

    fn discard_epoch(&mut self, orders: &dyn Orders, number: u32) {
        let _ = self.scheduler.close(number);
        self.discard_leases(number);
        self.store.clear(number);
        self.over.push(number);
        self.failed.push(number);
        self.memories.epoch_failed(number, self.next);
        self.once.over(number);
        self.porch.over(number);
        self.send_epochs_ended(orders);
    }

    fn new_return(&self) -> Return {
        let id = self
            .tube
            .return_node()
            .map(|node| &*node.id)
            .unwrap_or_default();
        Return::new(id, &self.tube.edges)
    }

    /// Tells the nodes which epochs are over.
    pub(crate) fn send_epochs_ended(&mut self, orders: &dyn Orders) {
        if !self.over.is_empty() {
            let failed = std::mem::take(&mut self.failed);
            orders.epochs_ended(std::mem::take(&mut self.over), failed);
        }
    }

    /// Refuses an epoch that cannot be run.
    fn check_can_open(&mut self, number: u32, reply: CompletionSender) -> Option<CompletionSender> {
        let error = match self.closed_reason() {
            Some(broken) => broken,
            None if self.scheduler.exhausted() => RunError::Exhausted,
            None => return Some(reply),
        };
        reply.send(EpochResult {
            number,
            returned: Err(error),
            lived: false,
            bytes: 0,
            exhausted: self.scheduler.exhausted(),
            replaced: AssetValues::new(),
        });
        None
    }

    fn open_epoch(
        &mut self,
        number: u32,
        inputs: &EpochInputs,
        values: &AssetValues,
        reply: CompletionSender,
    ) {
        self.next = self.next.max(number.saturating_add(1));
        self.asked = true;
        let open = OpenEpoch {
            reply,
            input: (!inputs.given().is_empty()).then(|| Arc::new(inputs.given().clone())),
            returned: self.new_return(),
            heard: false,
            lived: false,
            bytes: 0,
            replaced: AssetValues::new(),
            objects: ObjectTable::default(),
            told: HashSet::new(),
        };
        self.open.insert(number, open);
        let _ = self.scheduler.open(number);
        let plan = self.scheduler.plan();
        inputs.put(&self.tube, plan, &mut self.store, number);
        assets::put(&self.tube, plan, &mut self.store, number, values);
        let _ = self.scheduler.input_done(number);
    }

    fn complete_ready_epochs(&mut self, orders: &dyn Orders) {
        self.ingest_deferred(orders);
        self.process_deferred_failures(orders);
        while let Some((epoch, node)) = next_ready(&mut self.access_order, &mut self.scheduler) {
            if Some(node) != self.return_node {
                self.lease_inputs(orders, epoch, node);
                continue;
            }
            let mut arguments = self.store.arguments(&epoch, node);
            if let Some(open) = self.open.get_mut(&epoch.number()) {
                open.returned.call(&mut arguments);
            }
            self.notify_return(&epoch, node);
            let _ = self.scheduler.node_done(&epoch, node);
        }
        let ended: Vec<u32> = self.scheduler.take_closed().collect();
        let exhausted = self.scheduler.exhausted();
        for number in ended {
            self.discard_leases(number);
            self.store.clear(number);
            let Some(mut open) = self.open.remove(&number) else {
                continue;
            };
            self.report.epochs.done += u64::from(open.heard || !exhausted);
            self.over.push(number);
            self.once.over(number);
            self.porch.over(number);
            let returned = if exhausted && !open.heard {
                // Asked for when nobody knew yet that the epoch before it was the last.
                Err(RunError::Exhausted)
            } else {
                Ok(open.returned.collect())
            };
            open.end(number, returned, exhausted);
        }
        if self.over.len() >= OVER {
            self.send_epochs_ended(orders);
        }
        self.process_deferred_failures(orders);
    }

    fn process_deferred_failures(&mut self, orders: &dyn Orders) {
        while let Some(failure) = self.unsaid.pop() {
            self.on_failure(orders, failure);
        }
    }
}

impl OpenEpoch {
    /// Tells who asked for it what became of it.
    fn end(self, number: u32, returned: Result<Option<Value>, RunError>, exhausted: bool) {
        self.reply.send(EpochResult {
            number,
            returned,
            lived: self.lived,
            bytes: self.bytes,
            exhausted,
            replaced: self.replaced,
        });
    }
}

//! What the runner's side of a run decides: which epochs to ask for, when one is over, what it returned, and what a failure ends.
//!
//! It sends nothing itself but what it says through [`Orders`]; no sockets.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::SystemTime;

use tokio::sync::oneshot;

use super::memory::{Memories, SNAPSHOT};
use super::once::Once;
use crate::graph::{
    ASSETS, Emit, Epoch, Event, Heard, Map, Name, NodeIx, OnError, Plan, Role, Scheduler, Sharing,
    Store, Supervision, Timestamp, Told, Tube, Value, next_ready,
};
use crate::node::special::Return;
use crate::node::{Inputs, NodeError, Outputs};
use crate::runner::assets::{self, AssetValues, Replacing};
use crate::runner::event_ids::EventIds;
use crate::runner::guard::guarded;
use crate::runner::inputs::EpochInputs;
use crate::runner::line::in_callbacks;
use crate::runner::objects::Objects;
use crate::runner::report::RunReport;
use crate::runner::{EventCallback, NodeFailure, Phase, RunError};
use crate::wire::Resume;

/// How many epochs may be over before nodes are told so.
const OVER: usize = 8;

/// What the engine has others do.
pub(in crate::runner) trait Orders {
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
    /// Tells the nodes where the run stands: one of those in other processes may have missed it.
    fn resume(&self, resume: &Resume) {
        let _ = resume;
    }
}

/// Where it is told what became of an epoch.
#[derive(Debug)]
pub(in crate::runner) enum Reply {
    /// To someone who waits for several.
    Queue(mpsc::Sender<Outcome>),
    /// To a task that waits for this one.
    Once(oneshot::Sender<Outcome>),
}

impl Reply {
    /// Whoever does not wait any more does not hear it.
    fn send(self, outcome: Outcome) {
        match self {
            Self::Queue(queue) => drop(queue.send(outcome)),
            Self::Once(once) => drop(once.send(outcome)),
        }
    }
}

/// What became of an epoch.
#[derive(Debug)]
pub(in crate::runner) struct Outcome {
    /// The root epoch.
    pub(in crate::runner) number: u32,
    /// What it returned; [`RunError::Exhausted`] if it came after the last.
    pub(in crate::runner) returned: Result<Option<Value>, RunError>,
    /// Whether anything was said in it.
    pub(in crate::runner) lived: bool,
    /// Whether every source had ended when it was over.
    pub(in crate::runner) exhausted: bool,
    /// How many bytes its events took up, about.
    pub(in crate::runner) bytes: u64,
    /// The assets that were replaced in it.
    pub(in crate::runner) replaced: AssetValues,
}

/// Functions that are called for every event; they stay when a runner starts anew.
pub(in crate::runner) type Callbacks = Arc<Mutex<Vec<EventCallback>>>;

/// The state of a run, as the runner sees it.
pub(in crate::runner) struct Engine {
    tube: Arc<Tube>,
    scheduler: Scheduler,
    /// In which order nodes are called that may hold the same object.
    sharing: Option<Sharing>,
    /// What nodes in other processes hold.
    lent: BTreeMap<(Epoch, NodeIx), Objects>,
    /// Failures that are yet to be dealt with.
    unsaid: Vec<NodeFailure>,
    replacing: Replacing,
    store: Store,
    return_node: Option<NodeIx>,
    /// The epoch after the highest that was ever asked for.
    next: u32,
    /// Whether anything was asked for.
    asked: bool,
    open: BTreeMap<u32, Open>,
    /// Epochs that are over, and nodes were not told so yet: they only keep what they could forget.
    over: Vec<u32>,
    /// Those of them that have failed or were left out.
    failed: Vec<u32>,
    callbacks: Callbacks,
    ids: EventIds,
    once: Once,
    /// Why nothing more can be run.
    broken: Option<RunError>,
    /// Somebody who waited was told so.
    told: bool,
    startup: Option<oneshot::Sender<RunError>>,
    /// What is done about failures where the tube does not say it.
    supervision: Supervision,
    /// What nodes know that can be started again.
    memories: Memories,
    report: RunReport,
    /// What nodes said when they were shut down, and how those ended that did not do so by themselves.
    partings: Vec<RunError>,
}

/// An epoch that was asked for and is not over.
struct Open {
    reply: Reply,
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
    objects: Objects,
    /// What callbacks were told of.
    told: HashSet<(Epoch, Name, Name, u64)>,
}

impl Engine {
    /// The engine of a run whose first epoch is `first`.
    pub(in crate::runner) fn new(tube: Arc<Tube>, callbacks: Callbacks, first: u32) -> Self {
        let plan = Arc::new(Plan::new(&tube));
        let return_node = tube
            .return_node()
            .filter(|node| node.enabled)
            .and_then(|node| plan.node_index(&node.id));
        let mut scheduler = Scheduler::new(Arc::clone(&plan));
        scheduler.start_at(first);
        Self {
            scheduler,
            sharing: Sharing::new(&tube, &plan),
            lent: BTreeMap::new(),
            unsaid: Vec::new(),
            replacing: Replacing::new(&tube, &plan),
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
            broken: None,
            told: false,
            startup: None,
            supervision: Supervision::default(),
            memories: Memories::default(),
            report: RunReport::default(),
            partings: Vec::new(),
        }
    }

    /// With what is done about failures where the tube does not say it.
    pub(in crate::runner) const fn supervised(mut self, defaults: Supervision) -> Self {
        self.supervision = defaults;
        self
    }

    /// The account so far.
    pub(in crate::runner) const fn report(&self) -> &RunReport {
        &self.report
    }

    /// How many epochs have come to their end, one way or the other.
    pub(in crate::runner) const fn ended(&self) -> u64 {
        let epochs = &self.report.epochs;
        epochs.done + epochs.failed + epochs.skipped
    }

    /// Whether something is lost when the process of a node ends: what it remembers of earlier epochs.
    pub(in crate::runner) fn forgets(&self, node: &str) -> bool {
        let Some(node) = self.tube.nodes.get(node) else {
            return false;
        };
        node.stateful && !node.restorable && self.asked
    }

    /// The process of a node is started again.
    pub(in crate::runner) fn restarted(&mut self, node: &Name, how: &str) {
        self.memories.restarted(node);
        let lowest = self.open.keys().next().copied();
        self.report
            .restarted(node, how, lowest, self.open.len() as u64);
    }

    /// How often the process of a node was started again.
    pub(in crate::runner) fn restarts(&self, node: &str) -> u32 {
        self.memories.restarts(node)
    }

    /// A call takes longer than it may; the process will be killed.
    pub(in crate::runner) fn overran(
        &mut self,
        orders: &dyn Orders,
        node: &str,
        epoch: &Epoch,
        why: &str,
    ) {
        if self.on_error(node) == OnError::Skip {
            let place = self.place(node).map(|place| format!(" ({place})"));
            let why = format!("the node `{node}`{} {why}", place.unwrap_or_default());
            self.skip(orders, epoch.number(), why);
        }
    }

    /// Has failures during start-up sent to `failed`.
    pub(in crate::runner) fn watch_startup(&mut self, failed: oneshot::Sender<RunError>) {
        self.startup = Some(failed);
    }

    /// All nodes have become ready: what fails from now on does not fail the start.
    pub(in crate::runner) fn set_ready(&mut self) {
        self.startup = None;
    }

    /// Whether all nodes have become ready.
    pub(in crate::runner) const fn is_ready(&self) -> bool {
        self.startup.is_none()
    }

    /// Why nothing more can be run, if so.
    pub(in crate::runner) const fn broken(&self) -> Option<&RunError> {
        self.broken.as_ref()
    }

    /// Begins one epoch, with inputs of its own and these assets.
    pub(in crate::runner) fn call(
        &mut self,
        orders: &dyn Orders,
        number: u32,
        inputs: &EpochInputs,
        values: &AssetValues,
        reply: Reply,
    ) {
        if let Some(reply) = self.may_begin(number, reply) {
            self.begin(number, inputs, values, reply);
            orders.process(number, inputs.given().clone());
            self.settle(orders);
        }
    }

    /// Begins epochs that have no inputs of their own: those that come after all that were begun.
    pub(in crate::runner) fn ask(
        &mut self,
        orders: &dyn Orders,
        epochs: Range<u32>,
        values: &AssetValues,
        reply: &mpsc::Sender<Outcome>,
    ) {
        let mut n = 0;
        for number in epochs {
            if let Some(reply) = self.may_begin(number, Reply::Queue(reply.clone())) {
                self.begin(number, &EpochInputs::default(), values, reply);
                n += 1;
            }
        }
        if n > 0 {
            orders.start(n);
        }
        self.settle(orders);
    }

    /// Tells the nodes that nothing more is asked for; epochs that were asked for are finished.
    pub(in crate::runner) fn stop(&self, orders: &dyn Orders) {
        orders.stop();
    }

    /// Takes note of what nodes have said.
    pub(in crate::runner) fn hear(&mut self, orders: &dyn Orders, events: &[Event]) {
        let revived = self.sharing.is_some().then(|| self.revived(events));
        let events = revived.as_deref().unwrap_or(events);
        let mut spoken: Vec<(Epoch, NodeIx)> = Vec::new();
        let mut late = false;
        for event in events {
            let Some(node) = self.scheduler.plan().node_index(&event.node_id) else {
                tracing::warn!(node = %event.node_id, "an event of a node that is not in the tube is dropped");
                continue;
            };
            if *event.signal == *SNAPSHOT {
                late |= self.remember(event);
                continue;
            }
            self.note(node, event);
            // What a node says in an epoch stands side by side; what is told twice changes nothing.
            if spoken
                .last()
                .is_none_or(|(epoch, last)| (epoch, *last) != (&event.epoch, node))
            {
                spoken.push((event.epoch.clone(), node));
            }
        }
        if late {
            // Before any of these epochs can be over: the process that goes on must not miss what they did.
            self.joined(orders);
        }
        for (epoch, node) in spoken {
            self.lent.remove(&(epoch.clone(), node));
            // A gather below a map speaks in the epoch above its call: its events alone say which calls are over.
            let plan = self.scheduler.plan();
            if plan.role(node) != Role::Gather || plan.depth(node) == 0 {
                let _ = self.scheduler.node_done(&epoch, node);
            }
        }
        self.tell_callbacks(events);
        self.settle(orders);
    }

    /// A node was called, in this process, and said all this.
    pub(in crate::runner) fn called(
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
        let mut events = Vec::with_capacity(outputs.said().len());
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
            self.note(node, event);
        }
        let _ = self.scheduler.node_done(epoch, node);
        self.tell_callbacks(&events);
        self.settle(orders);
    }

    /// Tells the nodes where the run stands, if anything was asked for: one of them may have missed it.
    pub(in crate::runner) fn joined(&self, orders: &dyn Orders) {
        if !self.asked {
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
        });
        for (epoch, node) in self.lent.keys() {
            let inputs = Inputs::at(&self.store, epoch.clone(), *node);
            if let Err(error) = orders.call(*node, &self.node_name(*node), inputs) {
                tracing::error!(%error, "the node cannot be told what it is called with");
            }
        }
    }

    /// Keeps what a node knows after a call. Says whether the process that took the place of the one that said it must be told.
    fn remember(&mut self, event: &Event) -> bool {
        let Emit::Value(said) = &event.value else {
            return false;
        };
        let floor = self.open.keys().next().copied().unwrap_or(self.next);
        self.memories
            .heard(&event.node_id, &event.epoch, said, floor)
    }

    /// A node said that it failed.
    pub(in crate::runner) fn failure(&mut self, orders: &dyn Orders, failure: NodeFailure) {
        let number = failure.epoch.as_ref().map(Epoch::number);
        let failure = NodeFailure {
            place: self.place(&failure.node),
            ..failure
        };
        match (failure.phase, number) {
            (Phase::Init, _) => self.break_down(RunError::Node(Box::new(failure))),
            (Phase::Deinit, _) => self.parted(RunError::Node(Box::new(failure))),
            (_, None) => tracing::error!("{failure}"),
            (_, Some(number)) if self.on_error(&failure.node) == OnError::Skip => {
                tracing::warn!("{failure}; the epoch is left out");
                self.skip(orders, number, failure.to_string());
            }
            (_, Some(number)) => self.fail(orders, number, RunError::Node(Box::new(failure))),
        }
    }

    /// Nothing more can be run: whoever waits is told why.
    pub(in crate::runner) fn break_down(&mut self, error: RunError) {
        if let Some(startup) = self.startup.take() {
            self.told = true;
            let _ = startup.send(error.clone());
        }
        self.report.broke_down(error.to_string(), self.open.len());
        self.give_up(error);
    }

    /// It is shut down: whoever waits is told so.
    pub(in crate::runner) fn close(&mut self) {
        self.give_up(RunError::Closed("it was shut down".into()));
    }

    fn give_up(&mut self, error: RunError) {
        for (number, open) in std::mem::take(&mut self.open) {
            self.told = true;
            open.end(number, Err(error.clone()), false);
        }
        self.broken.get_or_insert(error);
    }

    /// A node could not be shut down as it should.
    pub(in crate::runner) fn parted(&mut self, error: RunError) {
        self.partings.push(error);
    }

    /// Whether a node has said something when it was shut down.
    pub(in crate::runner) fn has_parted(&self, node: &str) -> bool {
        self.partings.iter().any(|error| match error {
            RunError::Node(failure) => &*failure.node == node,
            RunError::Died(death) => &*death.node == node,
            _ => false,
        })
    }

    /// What nodes said when they were shut down: the first of it; all else goes to the log.
    ///
    /// # Errors
    /// That.
    pub(in crate::runner) fn leave(&mut self) -> Result<(), RunError> {
        let mut partings = std::mem::take(&mut self.partings).into_iter();
        let Some(first) = partings.next() else {
            return Ok(());
        };
        for other in partings {
            tracing::warn!("{other}");
        }
        Err(first)
    }

    /// The lowest epoch that is waited for.
    pub(in crate::runner) fn waiting_for(&self) -> Option<Epoch> {
        self.open.keys().next().map(|&number| Epoch::root(number))
    }

    /// The name of a node.
    pub(in crate::runner) fn node_name(&self, node: NodeIx) -> Name {
        self.scheduler.plan().node_name(node).clone()
    }

    /// Where a node stands in the tube.
    pub(in crate::runner) fn place(&self, node: &str) -> Option<String> {
        self.tube.node_at(node)
    }

    fn fail(&mut self, orders: &dyn Orders, number: u32, error: RunError) {
        let Some(open) = self.open.remove(&number) else {
            tracing::debug!(epoch = number, %error, "a failure in an epoch that is over already");
            return;
        };
        self.report.epoch_lost(number, false, error.to_string());
        self.forget(orders, number);
        open.end(number, Err(error), self.scheduler.exhausted());
        self.settle(orders);
    }

    /// Leaves an epoch out: nothing is returned in it, and the run goes on.
    fn skip(&mut self, orders: &dyn Orders, number: u32, why: String) {
        let Some(mut open) = self.open.remove(&number) else {
            return;
        };
        // A node was called in it, even if what that was called with is yet to be heard: it is one of the epochs that were run.
        open.lived = true;
        self.report.epoch_lost(number, true, why);
        self.forget(orders, number);
        open.end(number, Ok(None), self.scheduler.exhausted());
        self.settle(orders);
    }

    fn on_error(&self, node: &str) -> OnError {
        let node = self.tube.nodes.get(node);
        let said = node.and_then(|node| node.supervision.or(self.supervision).on_error);
        said.unwrap_or_default()
    }

    fn forget(&mut self, orders: &dyn Orders, number: u32) {
        let _ = self.scheduler.abort(number);
        self.lent.retain(|(epoch, _), _| epoch.number() != number);
        self.store.clear(number);
        self.over.push(number);
        self.failed.push(number);
        self.once.over(number);
        self.tell_over(orders);
    }

    fn empty_return(&self) -> Return {
        let id = self
            .tube
            .return_node()
            .map(|node| &*node.id)
            .unwrap_or_default();
        Return::new(id, &self.tube.edges)
    }

    /// Tells the nodes which epochs are over.
    pub(in crate::runner) fn tell_over(&mut self, orders: &dyn Orders) {
        if !self.over.is_empty() {
            let failed = std::mem::take(&mut self.failed);
            orders.epochs_ended(std::mem::take(&mut self.over), failed);
        }
    }

    /// Why nothing more can be run, if so. The first who asks hears it in full.
    pub(in crate::runner) fn refusal(&mut self) -> Option<RunError> {
        let broken = self.broken.as_ref()?;
        Some(if std::mem::replace(&mut self.told, true) {
            RunError::Closed(broken.to_string())
        } else {
            broken.clone()
        })
    }

    /// Refuses an epoch that cannot be run.
    fn may_begin(&mut self, number: u32, reply: Reply) -> Option<Reply> {
        let error = match self.refusal() {
            Some(broken) => broken,
            None if self.scheduler.exhausted() => RunError::Exhausted,
            None => return Some(reply),
        };
        reply.send(Outcome {
            number,
            returned: Err(error),
            lived: false,
            bytes: 0,
            exhausted: self.scheduler.exhausted(),
            replaced: AssetValues::new(),
        });
        None
    }

    fn begin(&mut self, number: u32, inputs: &EpochInputs, values: &AssetValues, reply: Reply) {
        self.next = self.next.max(number.saturating_add(1));
        self.asked = true;
        let open = Open {
            reply,
            input: (!inputs.given().is_empty()).then(|| Arc::new(inputs.given().clone())),
            returned: self.empty_return(),
            heard: false,
            lived: false,
            bytes: 0,
            replaced: AssetValues::new(),
            objects: Objects::default(),
            told: HashSet::new(),
        };
        self.open.insert(number, open);
        let _ = self.scheduler.open(number);
        let plan = self.scheduler.plan();
        inputs.put(&self.tube, plan, &mut self.store, number);
        assets::put(&self.tube, plan, &mut self.store, number, values);
        let _ = self.scheduler.input_done(number);
    }

    fn note(&mut self, node: NodeIx, event: &Event) {
        let number = event.epoch.number();
        if let Some(open) = self.open.get_mut(&number) {
            open.heard = true;
            open.lived |= matches!(event.value, Emit::Value(_));
        }
        let Some(signal) = self.scheduler.plan().signal_index(node, &event.signal) else {
            return;
        };
        if self.scheduler.is_ended(number) || !self.once.is_new(self.scheduler.plan(), node, event)
        {
            return;
        }
        if self
            .scheduler
            .event(&event.epoch, node, signal, Heard::from(&event.value))
            == Told::New
            && let Emit::Value(value) = &event.value
        {
            if let Some(open) = self.open.get_mut(&number) {
                open.bytes = open.bytes.saturating_add(value.size());
                self.replacing.said(signal, value, &mut open.replaced);
            }
            self.store.put_event(
                &event.epoch,
                signal,
                value.clone(),
                event.id,
                event.timestamp,
            );
        }
    }

    fn settle(&mut self, orders: &dyn Orders) {
        while let Some((epoch, node)) = next_ready(&mut self.sharing, &mut self.scheduler) {
            if Some(node) != self.return_node {
                self.hand_out(orders, epoch, node);
                continue;
            }
            let mut arguments = self.store.arguments(&epoch, node);
            if let Some(open) = self.open.get_mut(&epoch.number()) {
                open.returned.call(&mut arguments);
            }
            self.return_was_called(&epoch, node);
            let _ = self.scheduler.node_done(&epoch, node);
        }
        let ended: Vec<u32> = self.scheduler.take_ended().collect();
        let exhausted = self.scheduler.exhausted();
        for number in ended {
            self.lent.retain(|(epoch, _), _| epoch.number() != number);
            self.store.clear(number);
            let Some(mut open) = self.open.remove(&number) else {
                continue;
            };
            self.report.epochs.done += u64::from(open.heard || !exhausted);
            self.over.push(number);
            self.once.over(number);
            let returned = if exhausted && !open.heard {
                // Asked for when nobody knew yet that the epoch before it was the last.
                Err(RunError::Exhausted)
            } else {
                Ok(open.returned.collect())
            };
            open.end(number, returned, exhausted);
        }
        if self.over.len() >= OVER {
            self.tell_over(orders);
        }
        while let Some(failure) = self.unsaid.pop() {
            self.failure(orders, failure);
        }
    }

    /// A node is to be called.
    fn hand_out(&mut self, orders: &dyn Orders, epoch: Epoch, node: NodeIx) {
        let shares = |sharing: &Sharing| sharing.touches(node);
        if orders.lends() && !self.sharing.as_ref().is_some_and(shares) {
            return;
        }
        let inputs = Inputs::at(&self.store, epoch.clone(), node);
        if orders.lends() {
            let mut objects = Objects::default();
            let named = inputs.named.iter().map(|(_, value)| value);
            for value in inputs.positional.iter().chain(named) {
                objects.collect(value);
            }
            self.lent.insert((epoch.clone(), node), objects);
        }
        let name = self.node_name(node);
        if let Err(error) = orders.call(node, &name, inputs) {
            self.unsaid.push(NodeFailure {
                node: name,
                place: None,
                phase: Phase::Process,
                epoch: Some(epoch),
                error,
            });
        }
    }

    /// Events with objects in the place of what was written of them, and without those that only tell of objects.
    fn revived(&mut self, events: &[Event]) -> Vec<Event> {
        let mut revived = Vec::with_capacity(events.len());
        for event in events {
            let number = event.epoch.number();
            let lent = |id: u64| {
                let mut lent = self.lent.iter();
                lent.any(|((epoch, node), objects)| {
                    epoch.number() == number
                        && (*self.scheduler.plan().node_name(*node) == event.node_id
                            || &*event.node_id == ASSETS)
                        && objects.contains(id)
                })
            };
            let (Some(open), Emit::Value(value)) = (self.open.get_mut(&number), &event.value)
            else {
                revived.push(event.clone());
                continue;
            };
            let lent_in_epoch = self
                .lent
                .iter()
                .filter(|((epoch, _), _)| epoch.number() == number);
            for object in lent_in_epoch.flat_map(|(_, objects)| objects.iter()) {
                open.objects.collect(&Value::Object(object.clone()));
            }
            match open.objects.revive(value, &lent) {
                Ok(_) if &*event.node_id == ASSETS => {}
                Ok(value) => revived.push(Event {
                    value: Emit::Value(value),
                    ..event.clone()
                }),
                Err(error) => {
                    self.unsaid.push(NodeFailure {
                        node: event.node_id.clone(),
                        place: None,
                        phase: Phase::Process,
                        epoch: Some(event.epoch.clone()),
                        error,
                    });
                }
            }
        }
        revived
    }

    /// A return says nothing on its signals.
    fn return_was_called(&mut self, epoch: &Epoch, node: NodeIx) {
        if lock(&self.callbacks).is_empty() {
            return;
        }
        let plan = self.scheduler.plan();
        let timestamp = Timestamp::from_system(SystemTime::now());
        let ids = &mut self.ids;
        let said = plan.signals_of(node).map(|signal| Event {
            id: ids.next(),
            timestamp,
            node_id: plan.node_name(node).clone(),
            signal: plan.signal_name(signal).clone(),
            epoch: epoch.clone(),
            value: Emit::Nothing,
        });
        let said: Vec<Event> = said.collect();
        self.tell_callbacks(&said);
    }

    /// Tells of each event once, however often it is heard: a node that was started again says it again.
    fn tell_callbacks(&mut self, events: &[Event]) {
        let callbacks = Arc::clone(&self.callbacks);
        let mut callbacks = lock(&callbacks);
        if callbacks.is_empty() {
            return;
        }
        let plan = Arc::clone(self.scheduler.plan());
        let told = guarded(|| {
            for event in events {
                if *event.signal == *SNAPSHOT {
                    continue;
                }
                let Some(open) = self.open.get_mut(&event.epoch.number()) else {
                    continue;
                };
                // A gather below a map says its value in the epoch above, and may do so several times, each under a number of its own.
                let gather = plan
                    .node_index(&event.node_id)
                    .is_some_and(|node| plan.role(node) == Role::Gather);
                let said = (
                    event.epoch.clone(),
                    event.node_id.clone(),
                    event.signal.clone(),
                    if gather { event.id } else { 0 },
                );
                if !open.told.insert(said) {
                    continue;
                }
                in_callbacks(|| callbacks.iter_mut().for_each(|callback| callback(event)));
            }
            Ok(())
        });
        drop(callbacks);
        if let Err(error) = told {
            self.break_down(RunError::Closed(format!("a callback failed: {error}")));
        }
    }
}

impl Open {
    /// Tells who asked for it what became of it.
    fn end(self, number: u32, returned: Result<Option<Value>, RunError>, exhausted: bool) {
        self.reply.send(Outcome {
            number,
            returned,
            lived: self.lived,
            bytes: self.bytes,
            exhausted,
            replaced: self.replaced,
        });
    }
}

fn lock(callbacks: &Callbacks) -> std::sync::MutexGuard<'_, Vec<EventCallback>> {
    callbacks.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells nobody anything.
    struct Silent;

    impl Orders for Silent {
        fn process(&self, _epoch: u32, _input: Map) {}
        fn start(&self, _n: u32) {}
        fn epochs_ended(&self, _epochs: Vec<u32>, _failed: Vec<u32>) {}
        fn stop(&self) {}
        fn resume(&self, _resume: &Resume) {}
        fn call(&self, _: NodeIx, _: &Name, _: Inputs) -> Result<(), NodeError> {
            Ok(())
        }
    }

    const MAPPED: &str = "
noob_id: mapped
input:
  items: {type: list, scope: process}
nodes:
  items: {type: map, depends: [{value: input.items}]}
  all: {type: gather, depends: [{value: items.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";

    fn said(node: &str, signal: &str, epoch: Epoch, value: Emit) -> Event {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let timestamp = Timestamp(0);
        Event {
            id: NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            timestamp,
            node_id: Name::from(node),
            signal: Name::from(signal),
            epoch,
            value,
        }
    }

    fn value(value: impl Into<Value>) -> Emit {
        Emit::Value(value.into())
    }

    /// Whichever of the two is heard first: that a node failed, or what it was called with.
    #[test]
    fn an_epoch_that_is_left_out_is_one_that_was_run() {
        let tube = "
noob_id: skipped
nodes:
  count: {type: noob_zmq.numbers.count}
  picky: {type: noob_zmq.numbers.multiply, on_error: skip, depends: [{left: count.value}]}
  return: {type: return, depends: picky.value}
";
        for heard_first in [true, false] {
            let tube = crate::tube::from_text("skipped.yaml", tube, &Map::new())
                .unwrap_or_else(|errors| panic!("{errors}"));
            let mut engine = Engine::new(Arc::new(tube), Callbacks::default(), 0);
            let (reply, answer) = mpsc::channel();
            engine.ask(&Silent, 0..1, &Vec::new(), &reply);
            if heard_first {
                engine.hear(&Silent, &[said("count", "value", Epoch::root(0), value(7))]);
            }
            let failure = NodeFailure {
                node: "picky".into(),
                place: None,
                phase: Phase::Process,
                epoch: Some(Epoch::root(0)),
                error: NodeError::new("no"),
            };
            engine.failure(&Silent, failure);
            let outcome = answer.try_recv().expect("it is over");
            assert_eq!((outcome.returned.unwrap(), outcome.lived), (None, true));
        }
    }

    /// A message that comes once more, as after a connection was made again, does not make the epoch end before the last list.
    #[test]
    fn a_list_that_is_heard_twice_counts_once() {
        let text = MAPPED.replace("{n: items.n}", "{n: input.n}").replace(
            "scope: process}",
            "scope: process}\n  n: {type: int, scope: process, default: 1}",
        );
        let tube = crate::tube::from_text("mapped.yaml", &text, &Map::new())
            .unwrap_or_else(|errors| panic!("{errors}"));
        let mut engine = Engine::new(Arc::new(tube), Callbacks::default(), 0);
        let (reply, answer) = mpsc::channel();
        let root = Epoch::root(0);
        let items = Value::from(vec![Value::Int(7), Value::Int(8)]);
        let mut input = Map::new();
        input.insert("items".into(), items);
        engine.call(
            &Silent,
            0,
            &EpochInputs::checked(input),
            &Vec::new(),
            Reply::Queue(reply),
        );
        let map: Vec<Event> = vec![
            said("items", "value", root.child("items", 0), value(7)),
            said("items", "value", root.child("items", 1), value(8)),
            said("items", "n", root.clone(), value(2)),
        ];
        let list = |item: i64| Value::from(vec![Value::Int(item)]);
        let first = [said("all", "value", root.clone(), value(list(7)))];
        let second = [said("all", "value", root, value(list(8)))];
        engine.hear(&Silent, &map);
        engine.hear(&Silent, &first);
        engine.hear(&Silent, &first);
        assert!(answer.try_recv().is_err(), "the last list is yet to come");
        engine.hear(&Silent, &second);
        let outcome = answer.try_recv().expect("the epoch is over");
        assert_eq!(outcome.returned.unwrap(), Some(list(8)));
    }

    /// Whatever order messages of different nodes arrive in, the epoch ends with what was gathered.
    #[test]
    fn a_gather_that_is_heard_before_its_map_does_not_confuse_the_epoch() {
        let root = Epoch::root(0);
        let item = |index| root.child("items", index);
        let gathered = Value::from(vec![Value::Int(7), Value::Int(8)]);
        let map = vec![
            said("items", "value", item(0), value(7)),
            said("items", "value", item(1), value(8)),
            said("items", "n", root.clone(), value(2)),
        ];
        let first = vec![said("all", "value", item(0), Emit::Nothing)];
        let last = vec![said("all", "value", root.clone(), value(gathered.clone()))];
        let both: Vec<Event> = first.iter().chain(&last).cloned().collect();
        let orders: [&[&Vec<Event>]; 5] = [
            &[&map, &first, &last],
            &[&first, &map, &last],
            &[&first, &last, &map],
            &[&both, &map],
            &[&map, &both],
        ];
        for (number, messages) in orders.into_iter().enumerate() {
            let tube = crate::tube::from_text("mapped.yaml", MAPPED, &Map::new())
                .unwrap_or_else(|errors| panic!("{errors}"));
            let mut engine = Engine::new(Arc::new(tube), Callbacks::default(), 0);
            let (reply, answer) = mpsc::channel();
            let mut input = Map::new();
            input.insert("items".into(), gathered.clone());
            engine.call(
                &Silent,
                0,
                &EpochInputs::checked(input),
                &Vec::new(),
                Reply::Queue(reply),
            );
            for message in messages {
                engine.hear(&Silent, message);
            }
            let answer = answer
                .try_recv()
                .unwrap_or_else(|_| panic!("order {number}: the epoch has not ended"));
            assert_eq!(
                answer.returned.unwrap(),
                Some(gathered.clone()),
                "order {number}"
            );
        }
    }

    /// Its first word is a value in the epoch above, where nothing tells that there are items.
    #[test]
    fn a_gather_of_one_that_is_heard_before_its_map_says_its_last_value() {
        let root = Epoch::root(0);
        let source = MAPPED
            .replace("{n: items.n}]}", "], params: {n: 1}}")
            .replace(", ]", "]");
        let tube = crate::tube::from_text("mapped.yaml", &source, &Map::new())
            .unwrap_or_else(|errors| panic!("{errors}"));
        let mut engine = Engine::new(Arc::new(tube), Callbacks::default(), 0);
        let (reply, answer) = mpsc::channel();
        engine.call(
            &Silent,
            0,
            &EpochInputs::default(),
            &Vec::new(),
            Reply::Queue(reply),
        );
        let list = |item: i64| value(vec![Value::Int(item)]);
        engine.hear(&Silent, &[said("all", "value", root.clone(), list(7))]);
        engine.hear(
            &Silent,
            &[
                said("items", "value", root.child("items", 0), value(7)),
                said("items", "value", root.child("items", 1), value(8)),
                said("items", "n", root.clone(), value(2)),
            ],
        );
        assert!(answer.try_recv().is_err(), "the second call is not over");
        engine.hear(&Silent, &[said("all", "value", root, list(8))]);
        let returned = answer.try_recv().unwrap().returned.unwrap();
        assert_eq!(returned, Some(Value::from(vec![Value::Int(8)])));
    }

    /// Every sender is heard in its own order, in messages of any size, and in no order with the others.
    #[test]
    fn many_mapped_epochs_end_in_their_order_however_messages_of_different_nodes_meet() {
        const EPOCHS: u32 = 12;
        let source = MAPPED.replace("scope: process}", "scope: process, default: [0]}");
        for seed in 1..400_u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut below = |n: usize| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % n
            };
            let tube = crate::tube::from_text("mapped.yaml", &source, &Map::new())
                .unwrap_or_else(|errors| panic!("{errors}"));
            let mut engine = Engine::new(Arc::new(tube), Callbacks::default(), 0);
            let (reply, heard) = mpsc::channel();
            engine.ask(&Silent, 0..EPOCHS, &Vec::new(), &reply);
            let mut lines: Vec<std::collections::VecDeque<Event>> =
                vec![Default::default(), Default::default()];
            let mut expected = Vec::new();
            for number in 0..EPOCHS {
                let root = Epoch::root(number);
                let n = number + 1;
                for index in 0..n {
                    let item = root.child("items", index);
                    lines[0].push_back(said(
                        "items",
                        "value",
                        item.clone(),
                        value(i64::from(index)),
                    ));
                    if index + 1 < n {
                        lines[1].push_back(said("all", "value", item, Emit::Nothing));
                    }
                }
                lines[0].push_back(said("items", "n", root.clone(), value(i64::from(n))));
                let gathered = Value::from(
                    (0..n)
                        .map(|index| Value::Int(index.into()))
                        .collect::<Vec<_>>(),
                );
                lines[1].push_back(said("all", "value", root, value(gathered.clone())));
                expected.push(gathered);
            }
            while lines.iter().any(|line| !line.is_empty()) {
                let line = &mut lines[below(2)];
                let size = (1 + below(9)).min(line.len());
                let message: Vec<Event> = line.drain(..size).collect();
                engine.hear(&Silent, &message);
            }
            let mut over: Vec<Outcome> = heard.try_iter().collect();
            over.sort_by_key(|outcome| outcome.number);
            let values: Vec<Value> = over
                .into_iter()
                .map(|outcome| outcome.returned.unwrap().unwrap())
                .collect();
            assert_eq!(values, expected, "seed {seed}");
        }
    }
}

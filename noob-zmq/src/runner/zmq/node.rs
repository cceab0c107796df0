//! The node runner: hosts one node in a process of its own.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::grants::Grants;
use super::ready::{Subscribers, Upstream};
use super::sockets::NodeSockets;
use super::worker::{Done, Worker};
use crate::actor::{ActorError, Scope};
use crate::graph::{
    Emit, Epoch, Event, Heard, Map, Name, NodeIx, Plan, Scheduler, Store, Told, Tube, TubeNodeKind,
};
use crate::handlers;
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::Phase;
use crate::runner::inputs::EpochInputs;
use crate::transport::{Endpoint, TransportError};
use crate::wire::{
    Announce, Cause, Deinit, EpochEnded, Events, Failure, Identify, MessageType, NodeStatus, Ping,
    Process, Report, Start, Status, Stop, Subscription,
};

/// The pseudo-node whose signals are the inputs of the tube.
const INPUT: &str = "input";
/// How many epochs a free-running source may be ahead of the last that is over.
const FREE_WINDOW: u32 = 64;

/// Hosts one node of a tube: hears the events that it depends on, calls it when all is there, and publishes what it says.
pub struct NodeRunner {
    id: Name,
    scope: Scope,
    tube: Arc<Tube>,
    me: NodeIx,
    sockets: NodeSockets,
    status: NodeStatus,
    subscribers: Subscribers,
    upstream: Upstream,
    grants: Grants,
    scheduler: Scheduler,
    store: Store,
    /// Ready, and not asked for yet.
    waiting: BTreeSet<Epoch>,
    worker: Option<Worker>,
    /// The node was made and initialised, and the command node was told who is here.
    introduced: bool,
    /// Ready and asked for, and not handed to the worker yet.
    calls: Vec<Inputs>,
    /// Said, and not published yet.
    saying: Vec<Event>,
    ids: Ids,
    closed: Option<Box<dyn FnOnce() + Send>>,
}

/// Numbers for events: a random half, so that those of two processes differ, and a counter.
struct Ids {
    prefix: u64,
    next: u32,
}

impl Ids {
    fn next(&mut self) -> u64 {
        self.next = self.next.wrapping_add(1);
        self.prefix ^ u64::from(self.next)
    }
}

/// The node that a node runner hosts, and the tube that it is in.
#[derive(Debug)]
pub struct Hosted {
    id: Name,
    tube: Arc<Tube>,
    plan: Arc<Plan>,
    me: NodeIx,
    first: u32,
}

impl Hosted {
    /// The node `id` of `tube`.
    ///
    /// # Errors
    /// A node that the tube does not have.
    pub fn find(tube: Arc<Tube>, id: &str) -> Result<Self, NodeError> {
        let plan = Arc::new(Plan::new(&tube));
        match (plan.node_index(id), tube.nodes.get_key_value(id)) {
            (Some(me), Some((id, _))) => Ok(Self {
                id: Name::clone(id),
                plan,
                me,
                tube,
                first: 0,
            }),
            _ => Err(NodeError::new(format!(
                "the tube `{}` has no node `{id}`",
                tube.id
            ))),
        }
    }

    /// The same in a run whose first epoch is this one; 0 if nothing is said.
    #[must_use]
    pub const fn starting_at(mut self, first: u32) -> Self {
        self.first = first;
        self
    }
}

impl NodeRunner {
    /// A node runner for a node of a tube. `closed` is called when the node was shut down.
    #[must_use]
    pub fn new(
        hosted: Hosted,
        scope: Scope,
        sockets: NodeSockets,
        closed: impl FnOnce() + Send + 'static,
    ) -> Self {
        let Hosted {
            id,
            tube,
            plan,
            me,
            first,
        } = hosted;
        let heard = plan
            .upstream(me)
            .into_iter()
            .map(|signal| plan.node_name(plan.signal_node(signal)).clone());
        let upstream = Upstream::new(
            id.clone(),
            heard
                .filter(|node| &**node != INPUT && *node != id)
                .collect(),
        );
        let status = if upstream.is_empty() {
            NodeStatus::Ready
        } else {
            NodeStatus::Waiting
        };
        let mut scheduler = Scheduler::for_node(Arc::clone(&plan), me);
        scheduler.start_at(first);
        Self {
            scheduler,
            store: Store::new(plan),
            id,
            scope,
            tube,
            me,
            sockets,
            status,
            subscribers: Subscribers::default(),
            upstream,
            grants: Grants::starting_at(first),
            waiting: BTreeSet::new(),
            worker: None,
            introduced: false,
            calls: Vec::new(),
            saying: Vec::new(),
            ids: Ids {
                prefix: crate::transport::random() << 32,
                next: 0,
            },
            closed: Some(Box::new(closed)),
        }
    }

    /// The name of its node in the tube.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its open sockets, to send messages of one's own.
    #[must_use]
    pub const fn sockets(&self) -> &NodeSockets {
        &self.sockets
    }

    /// Where its events are published.
    ///
    /// # Errors
    /// A path that is too long for a socket.
    pub fn outbox_address(&self) -> Result<Endpoint, TransportError> {
        Endpoint::ipc(NodeSockets::OUTBOX.path(&self.scope))
    }

    /// What it depends on: nodes and their signals, `input` among the nodes.
    pub fn depends(&self) -> impl Iterator<Item = (&Name, &Name)> {
        self.tube
            .edges
            .iter()
            .filter(|edge| edge.target_node == self.id)
            .map(|edge| (&edge.source_node, &edge.source_signal))
    }

    /// In which state it is.
    #[must_use]
    pub const fn status(&self) -> NodeStatus {
        self.status
    }

    /// Makes the node, on a thread of its own, and initialises it; when that is done, the command node is told who is here. `wake` must have
    /// [`take_results`](Self::take_results) called soon.
    ///
    /// # Errors
    /// No thread to be had.
    pub fn init(
        &mut self,
        make: impl FnOnce() -> Result<Box<dyn Node>, NodeError> + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<()> {
        self.worker = Some(Worker::start(&self.id, make, wake)?);
        Ok(())
    }

    /// Has the node shut down, after the call that is going on; then the process ends.
    pub fn deinit(&mut self) {
        if let Err(error) = self.update_status(NodeStatus::Closed) {
            tracing::debug!(%error, "nobody hears that this node is closed");
        }
        self.waiting.clear();
        if !self.worker.as_ref().is_some_and(Worker::deinit) {
            self.close();
        }
    }

    /// Tells the command node who this is, and whom it knows.
    ///
    /// # Errors
    /// A closed socket.
    pub fn identify(&self) -> Result<(), ActorError> {
        let node = self.tube.nodes.get(&self.id);
        self.sockets.dealer.send(&Identify {
            node_id: self.id.clone(),
            outbox: self.outbox_address()?.to_string(),
            status: self.status,
            signals: node.map(|node| node.signals.clone()),
            slots: node.map(|node| node.slots.iter().map(|slot| slot.name.clone()).collect()),
            subscribed_to: self.upstream.names(),
            subscribers: self.subscribers.names(),
        })
    }

    /// Changes its status, and tells the command node.
    ///
    /// # Errors
    /// A closed socket.
    pub fn update_status(&mut self, status: NodeStatus) -> Result<(), ActorError> {
        self.status = status;
        if !self.introduced {
            // It will be told with everything else.
            return Ok(());
        }
        self.sockets.dealer.send(&Status {
            node_id: self.id.clone(),
            status,
        })
    }

    /// Publishes events; those that are said in one go travel in one message.
    ///
    /// # Errors
    /// A value that cannot be written, and a closed socket.
    pub fn publish_events(&self, events: Vec<Event>) -> Result<(), ActorError> {
        self.sockets.outbox.send(&Events(events))
    }

    /// Takes note of events, of this node's own too, and has the node called where all is there.
    pub fn update_graph(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.note(event);
        }
        self.call_ready();
    }

    /// Tells the command node what went wrong.
    pub fn error(&self, phase: Phase, epoch: Option<Epoch>, error: NodeError) {
        tracing::debug!(?phase, ?epoch, error = %error.message, "the node failed");
        let report = Report {
            epoch,
            phase,
            message: error.message,
            chain: error.chain,
            panicked_at: error.panicked_at,
        };
        let failure = Failure {
            node_id: self.id.clone(),
            cause: Cause::Report(report),
        };
        if let Err(error) = self.sockets.dealer.send(&failure) {
            tracing::error!(%error, "the command node cannot be told");
        }
    }

    /// Takes up what the node has said.
    pub fn take_results(&mut self) {
        for done in self.worker.as_ref().map(Worker::take).unwrap_or_default() {
            match done {
                Done::Init(Ok(())) => {
                    self.introduced = true;
                    if let Err(error) = self.identify() {
                        tracing::error!(%error, "the command node cannot be told who this is");
                    }
                }
                Done::Init(Err(error)) => {
                    self.worker = None;
                    self.error(Phase::Init, None, error);
                }
                Done::Call(epoch, outcome) => self.called(epoch, outcome),
                Done::Deinit(outcome) => {
                    if let Err(error) = outcome {
                        self.error(Phase::Deinit, None, error);
                    }
                    self.close();
                }
            }
        }
        self.call_ready();
    }

    /// Hands over the calls and publishes the events that have come together since the last time.
    pub fn flush(&mut self) {
        if let (Some(worker), false) = (&self.worker, self.calls.is_empty()) {
            worker.call(&mut self.calls);
        }
        if self.saying.is_empty() {
            return;
        }
        let events = std::mem::take(&mut self.saying);
        let epoch = events.first().map(|event| event.epoch.clone());
        if let Err(error) = self.publish_events(events) {
            self.error(Phase::Process, epoch, NodeError::from(error));
        }
    }

    fn close(&mut self) {
        if let Some(closed) = self.closed.take() {
            closed();
        }
    }

    fn called(&mut self, epoch: Epoch, outcome: Result<Outputs, NodeError>) {
        if self.scheduler.is_ended(epoch.number()) {
            return;
        }
        match outcome {
            Ok(mut outputs) => {
                let timestamp = crate::actor::now();
                for said in outputs.drain() {
                    let signal = self.scheduler.plan().known_name(self.me, &said.signal);
                    self.say(
                        timestamp,
                        said.epoch.unwrap_or_else(|| epoch.clone()),
                        signal,
                        said.value,
                    );
                }
                self.say_rest(timestamp, &epoch);
                let _ = self.scheduler.node_done(&epoch, self.me);
            }
            Err(error) => {
                let _ = self.scheduler.abort(epoch.number());
                self.store.clear(epoch.number());
                self.error(Phase::Process, Some(epoch), error);
            }
        }
    }

    fn say(&mut self, timestamp: crate::graph::Timestamp, epoch: Epoch, signal: Name, value: Emit) {
        if let Some(signal) = self.scheduler.plan().signal_index(self.me, &signal) {
            let _ = self
                .scheduler
                .event(&epoch, self.me, signal, Heard::from(&value));
        }
        let event = Event {
            id: self.ids.next(),
            timestamp,
            node_id: self.id.clone(),
            signal,
            epoch,
            value,
        };
        self.saying.push(event);
    }

    /// Everything that was declared and not said is nothing: others wait to hear that.
    fn say_rest(&mut self, timestamp: crate::graph::Timestamp, epoch: &Epoch) {
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
                !self.saying[from..]
                    .iter()
                    .any(|event| event.signal == **signal)
            })
            .cloned()
            .collect();
        for signal in silent {
            self.say(timestamp, epoch.clone(), signal, Emit::Nothing);
        }
    }

    fn note(&mut self, event: Event) {
        let plan = self.scheduler.plan();
        let Some(node) = plan.node_index(&event.node_id) else {
            tracing::warn!(node = %event.node_id, "an event of a node that is not in the tube is dropped");
            return;
        };
        if self.scheduler.is_ended(event.epoch.number()) {
            return;
        }
        // A signal that nobody depends on is not known to the plan.
        let Some(signal) = plan.signal_index(node, &event.signal) else {
            return;
        };
        match self
            .scheduler
            .event(&event.epoch, node, signal, Heard::from(&event.value))
        {
            Told::New => {
                if let Emit::Value(value) = event.value {
                    self.store.put(&event.epoch, signal, value);
                }
            }
            told => {
                tracing::debug!(node = %event.node_id, signal = %event.signal, epoch = %event.epoch, ?told, "an event changes nothing")
            }
        }
    }

    /// Has the node called wherever all is there and the epoch was asked for.
    fn call_ready(&mut self) {
        if !self.waiting.is_empty() {
            for epoch in self
                .waiting
                .extract_if(.., |epoch| self.grants.asked(epoch.number()))
            {
                let arguments = self.store.arguments(&epoch, self.me);
                self.calls.push(Inputs::new(epoch, arguments));
            }
        }
        while let Some((epoch, node)) = self.scheduler.next_ready() {
            if node != self.me {
                continue;
            }
            if self.grants.asked(epoch.number()) {
                let arguments = self.store.arguments(&epoch, self.me);
                self.calls.push(Inputs::new(epoch, arguments));
            } else {
                self.waiting.insert(epoch);
            }
        }
    }

    /// Makes an epoch known, with the inputs of the tube as far as this node depends on them.
    fn begin(&mut self, epoch: u32, given: Option<&Map>) {
        let _ = self.scheduler.open(epoch);
        EpochInputs::checked(given.cloned().unwrap_or_default()).put(
            &self.tube,
            self.scheduler.plan(),
            &mut self.store,
            epoch,
        );
        let _ = self.scheduler.input_done(epoch);
    }

    fn run_freely(&mut self) {
        if !self.grants.is_free() {
            return;
        }
        while self.scheduler.live().count() < FREE_WINDOW as usize && !self.scheduler.exhausted() {
            let epoch = self.scheduler.open_next();
            self.begin(epoch, None);
        }
    }
}

#[handlers(NodeSockets, addons)]
impl NodeRunner {
    /// Somebody listens to this node, or does not any more: the command node must know.
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) -> Result<(), ActorError> {
        match self
            .subscribers
            .note(&subscription.topic, subscription.subscribed)
        {
            Some(_) if self.introduced => self.identify(),
            _ => Ok(()),
        }
    }

    /// The command node says who is there: listen to whom this node depends on.
    #[on_inbox(MessageType::Announce)]
    pub fn on_announce(&mut self, announce: Announce) -> Result<(), ActorError> {
        let reaction = self.upstream.announced(&announce, self.status);
        for address in &reaction.disconnect {
            self.sockets.inbox.disconnect(&Endpoint::parse(address)?);
        }
        for address in &reaction.connect {
            self.sockets.inbox.connect(&Endpoint::parse(address)?);
        }
        if self.status == NodeStatus::Waiting && reaction.complete {
            self.update_status(NodeStatus::Ready)
        } else if reaction.repeat_status {
            self.update_status(self.status)
        } else {
            Ok(())
        }
    }

    /// The command node asks who is here.
    #[on_inbox(MessageType::Ping)]
    pub fn on_ping(&mut self, _ping: Ping) -> Result<(), ActorError> {
        if self.introduced {
            self.identify()
        } else {
            Ok(())
        }
    }

    /// Nodes upstream say what happened.
    #[on_inbox(MessageType::Event)]
    pub fn on_event(&mut self, events: Events) {
        self.update_graph(events.0);
    }

    /// One epoch is asked for.
    #[on_inbox(MessageType::Process)]
    pub fn on_process(&mut self, process: Process) {
        let epoch = self
            .grants
            .process(process.epoch.as_ref().map(Epoch::number));
        self.begin(epoch, process.input.as_deref());
        self.call_ready();
    }

    /// Some epochs are asked for, or all from now on.
    #[on_inbox(MessageType::Start)]
    pub fn on_start(&mut self, start: Start) -> Result<(), ActorError> {
        match start.count {
            None => {
                self.grants.set_free(true);
                self.run_freely();
            }
            Some(n) => {
                for epoch in self.grants.start(u32::try_from(n).unwrap_or(0)) {
                    self.begin(epoch, None);
                }
            }
        }
        self.call_ready();
        if self.status == NodeStatus::Running {
            Ok(())
        } else {
            self.update_status(NodeStatus::Running)
        }
    }

    /// No more epochs than those that were asked for.
    #[on_inbox(MessageType::Stop)]
    pub fn on_stop(&mut self, _stop: Stop) -> Result<(), ActorError> {
        self.grants.set_free(false);
        self.update_status(NodeStatus::Stopped)
    }

    /// An epoch is over: what was kept of it can go.
    #[on_inbox(MessageType::EpochEnded)]
    pub fn on_epoch_ended(&mut self, ended: EpochEnded) {
        let number = ended.epoch.number();
        let _ = self.scheduler.end(number);
        self.store.clear(number);
        self.waiting.retain(|epoch| epoch.number() != number);
        if let Some(lowest) = self.scheduler.live().min() {
            self.grants.forget_below(lowest);
        }
        self.run_freely();
        self.call_ready();
    }

    /// The run is over.
    #[on_inbox(MessageType::Deinit)]
    pub fn on_deinit(&mut self, _deinit: Deinit) {
        self.deinit();
    }
}

impl AsMut<Self> for NodeRunner {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

impl fmt::Debug for NodeRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeRunner")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

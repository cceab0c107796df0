//! The node runner: hosts one node in a process of its own.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::actor::{ActorError, Scope};
use crate::graph::{
    ASSETS, Epoch, Event, Map, Name, NodeIx, OnError, Scheduler, Store, Supervision, Tube,
};
use crate::handlers;
use crate::node::{Inputs, Node, NodeError};
use crate::runner::admission::EventFilter;
use crate::runner::event_ids::EventIds;
use crate::runner::inputs::EpochInputs;
use crate::runner::zmq::command::readiness::{SubscriberSet, UpstreamLinks};
use crate::runner::zmq::node::checkpoint::CheckpointClient;
use crate::runner::zmq::node::config::{CallCounts, LossyEdges, NodeConfig, StandaloneNode};
use crate::runner::zmq::node::epoch_ledger::EpochLedger;
use crate::runner::zmq::node::leased_inputs::LeasedInputs;
use crate::runner::zmq::node::output::Counts;
use crate::runner::zmq::node::reconfigure::{disabled, scheduled};
use crate::runner::zmq::node::replay_buffer::ReplayBuffer;
use crate::runner::zmq::node::worker::Worker;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::sockets::NodeSockets;
use crate::runner::{Phase, assets};
use crate::transport::{Endpoint, TransportError};
use crate::wire::{
    Announce, Deinit, EpochsEnded, Events, Failure, Identify, Lend, Message, MessageType,
    NodeStatus, Ping, Process, Report, Resume, Start, Status, Stop, Subscription,
};

/// The pseudo-node whose signals are the inputs of the tube.
const INPUT: &str = "input";
/// How many epochs a free-running source may be ahead of the last that is over.
const FREE_WINDOW: u32 = 64;

/// Hosts one node of a tube: hears the events that it depends on, calls it when all is there, and publishes what it says.
pub struct NodeRunner {
    pub(super) id: Name,
    scope: Scope,
    /// What it knows of other hosts.
    neighbours: PeerDirectory,
    pub(super) tube: Arc<Tube>,
    pub(super) me: NodeIx,
    pub(super) supervision: Supervision,
    pub(super) sockets: NodeSockets,
    pub(super) status: NodeStatus,
    subscribers: SubscriberSet,
    pub(super) upstream: UpstreamLinks,
    pub(super) ledger: EpochLedger,
    pub(super) filter: EventFilter,
    pub(super) scheduler: Scheduler,
    pub(super) store: Store,
    /// Ready, and not asked for yet.
    pub(super) waiting: BTreeSet<Epoch>,
    pub(super) worker: Option<Worker>,
    /// The node was made and initialised, and the command node was told who is here.
    pub(super) introduced: bool,
    /// Ready and asked for, and not handed to the worker yet.
    pub(super) calls: Vec<Inputs>,
    /// Has results taken up a moment later, in any case.
    pub(super) collector: Arc<Notify>,
    /// What it is called with, if it may hold objects that others hold too.
    pub(super) borrowed: Option<LeasedInputs>,
    /// Edges that rather lose events than make their source wait.
    pub(super) lossy: Option<LossyEdges>,
    /// What the node knows, for the process after this one.
    pub(super) checkpoints: Option<CheckpointClient>,
    /// Said, and not published yet.
    pub(super) saying: Vec<Event>,
    /// Published in epochs that are not over.
    pub(super) kept: ReplayBuffer,
    pub(super) counts: Counts,
    pub(super) ids: EventIds,
    /// Whether it notes how long calls take.
    timed: bool,
    closed: Option<Box<dyn FnOnce(bool) + Send>>,
}

impl NodeRunner {
    /// A node runner with these sockets.
    pub(crate) fn new(detached: StandaloneNode, sockets: NodeSockets) -> Self {
        let StandaloneNode {
            hosted,
            scope,
            closed,
            timed,
            neighbours,
        } = detached;
        let lossy = hosted.lossy();
        let checkpoints = hosted.checkpoints();
        let NodeConfig {
            id,
            tube,
            plan,
            me,
            supervision,
            first,
            incarnation: _,
        } = hosted;
        let heard = plan
            .upstream(me)
            .into_iter()
            .map(|signal| plan.node_name(plan.signal_node(signal)).clone());
        let upstream = UpstreamLinks::new(
            id.clone(),
            heard
                .filter(|node| &**node != INPUT && &**node != ASSETS && *node != id)
                .collect(),
        )
        .without(disabled(&tube));
        let status = upstream.status();
        let (mut scheduler, borrowed) = scheduled(&tube, &plan, me);
        scheduler.start_at(first);
        Self {
            scheduler,
            store: Store::new(plan),
            id,
            scope,
            neighbours,
            tube,
            me,
            supervision,
            sockets,
            status,
            subscribers: SubscriberSet::default(),
            upstream,
            ledger: EpochLedger::starting_at(first),
            filter: EventFilter::for_node(),
            waiting: BTreeSet::new(),
            worker: None,
            introduced: false,
            calls: Vec::new(),
            collector: Arc::default(),
            borrowed,
            lossy,
            checkpoints,
            saying: Vec::new(),
            kept: ReplayBuffer::default(),
            counts: Counts::default(),
            ids: EventIds::new(),
            timed,
            closed: Some(closed),
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

    /// What its node was called for so far.
    #[must_use]
    pub fn calls(&self) -> CallCounts {
        CallCounts {
            number: self.counts.calls,
            took: self.worker.as_ref().map(Worker::took).unwrap_or_default(),
        }
    }

    /// Where its events are published.
    ///
    /// # Errors
    /// A path that is too long for a socket.
    pub fn outbox_address(&self) -> Result<Endpoint, TransportError> {
        let own = Endpoint::ipc(NodeSockets::OUTBOX.path(&self.scope))?;
        self.neighbours.published(own)
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
        let timed = self.timed || self.supervision.timeout.is_some();
        let retries = match self.supervision.on_error {
            Some(OnError::Retry(times)) => times,
            _ => 0,
        };
        self.worker = Some(Worker::start(&self.id, timed, retries, make, wake)?);
        Ok(())
    }

    /// Has the node shut down, after the call that is going on; then the process ends.
    pub fn deinit(&mut self) {
        if let Err(error) = self.update_status(NodeStatus::Closed) {
            tracing::debug!(%error, "nobody hears that this node is closed");
        }
        self.waiting.clear();
        if !self.worker.as_ref().is_some_and(Worker::deinit) {
            self.close(true);
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
            self.counts.events_in += 1;
            self.ingest_event(event);
        }
        self.call_ready();
    }

    /// Tells the command node what went wrong.
    pub fn error(&self, phase: Phase, epoch: Option<Epoch>, error: NodeError) {
        tracing::debug!(?phase, ?epoch, error = %error.message, "the node failed");
        let report = Report {
            epoch,
            phase: phase.into(),
            message: error.message,
            chain: error.chain,
            panicked_at: error.panicked_at,
        };
        let failure = Failure {
            node_id: self.id.clone(),
            report,
        };
        if let Err(error) = self.sockets.dealer.send(&failure) {
            tracing::error!(%error, "the command node cannot be told");
        }
    }

    /// The node was shut down; `well` if it had nothing to say against it.
    pub(crate) fn close(&mut self, well: bool) {
        if let Some(closed) = self.closed.take() {
            closed(well);
        }
    }

    /// Makes an epoch known, with the inputs of the tube as far as this node depends on them.
    fn begin(&mut self, epoch: u32, given: Option<&Map>) {
        if self.scheduler.is_closed(epoch) {
            return;
        }
        let _ = self.scheduler.open(epoch);
        EpochInputs::checked(given.cloned().unwrap_or_default()).put(
            &self.tube,
            self.scheduler.plan(),
            &mut self.store,
            epoch,
        );
        let plan = self.scheduler.plan();
        assets::put(&self.tube, plan, &mut self.store, epoch, &Vec::new());
        let _ = self.scheduler.input_done(epoch);
    }

    /// Epochs have failed: what the node was to be called with in them is left out, and it is told before its next call.
    pub(crate) fn epochs_failed(&mut self, epochs: &[u32]) {
        if epochs.is_empty() {
            return;
        }
        self.calls
            .retain(|inputs| !epochs.contains(&inputs.epoch.number()));
        if let Some(worker) = &self.worker {
            worker.epochs_failed(epochs);
        }
    }

    fn ended(&mut self, epochs: impl IntoIterator<Item = u32>) {
        for epoch in epochs {
            self.over(epoch);
            self.ledger.over(epoch);
        }
        self.kept.forget_below(self.ledger.floor());
        self.run_freely();
        self.call_ready();
    }

    /// Forgets what is kept of an epoch.
    fn over(&mut self, epoch: u32) {
        let _ = self.scheduler.close(epoch);
        self.filter.close_epoch(epoch);
        self.store.clear(epoch);
        self.waiting.retain(|waiting| waiting.number() != epoch);
        if let Some(borrowed) = &mut self.borrowed {
            borrowed.forget(epoch);
        }
    }

    fn run_freely(&mut self) {
        if !self.ledger.is_free() {
            return;
        }
        while self.scheduler.open_epochs().count() < FREE_WINDOW as usize
            && !self.scheduler.exhausted()
        {
            let epoch = self.scheduler.open_next();
            self.ledger.begun(epoch);
            self.begin(epoch, None);
        }
    }
}

#[handlers(NodeSockets, addons)]
impl NodeRunner {
    /// Somebody listens to this node, or does not any more: the command node must know. Who listens late, or again since a connection broke
    /// or a process ended, is told once more what may be new to it; the others know it already.
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) -> Result<(), ActorError> {
        let hears = Events::KIND.as_bytes().starts_with(&subscription.topic);
        if subscription.subscribed && hears {
            for message in self.kept.messages() {
                self.sockets.outbox.send_prepared(message)?;
            }
        }
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
        self.neighbours.admit(&announce);
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
    pub fn on_process(&mut self, process: Process) -> Result<(), ActorError> {
        let epoch = self
            .ledger
            .process(process.epoch.as_ref().map(Epoch::number));
        self.begin(epoch, process.input.as_deref());
        self.call_ready();
        self.resubscribe()
    }

    /// Some epochs are asked for, or all from now on.
    #[on_inbox(MessageType::Start)]
    pub fn on_start(&mut self, start: Start) -> Result<(), ActorError> {
        match start.count {
            None => {
                self.ledger.set_free(true);
                self.run_freely();
            }
            Some(n) => {
                for epoch in self.ledger.start(u32::try_from(n).unwrap_or(0)) {
                    self.begin(epoch, None);
                }
            }
        }
        self.call_ready();
        self.resubscribe()?;
        if matches!(self.status, NodeStatus::Running | NodeStatus::Closed) {
            Ok(())
        } else {
            self.update_status(NodeStatus::Running)
        }
    }

    /// No more epochs than those that were asked for.
    #[on_inbox(MessageType::Stop)]
    pub fn on_stop(&mut self, _stop: Stop) -> Result<(), ActorError> {
        self.ledger.set_free(false);
        if self.status == NodeStatus::Closed {
            return Ok(());
        }
        self.update_status(NodeStatus::Stopped)
    }

    /// Several epochs are over.
    #[on_inbox(EpochsEnded)]
    pub fn on_epochs_ended(&mut self, ended: EpochsEnded) {
        let done = ended.epochs.len().saturating_sub(ended.failed.len());
        self.counts.epochs += done as u64;
        self.epochs_failed(&ended.failed);
        self.ended(ended.epochs);
    }

    /// What this node or another is called with: it is its turn to hold objects that nodes share.
    #[on_inbox(Lend)]
    pub fn on_lend(&mut self, lend: Lend) {
        let (Some(borrowed), false) = (
            &mut self.borrowed,
            lend.node_id != self.id || self.scheduler.is_closed(lend.epoch.number()),
        ) else {
            return;
        };
        let inputs = Inputs::at(&self.store, lend.epoch.clone(), self.me);
        match borrowed.lent(lend, inputs) {
            Ok(due) => self.calls.extend(due),
            Err((epoch, error)) => self.error(Phase::Process, Some(epoch), error),
        }
    }

    /// Where the run stands: somebody may have missed something, and perhaps it is this node. Or another node was enabled or disabled.
    #[on_inbox(Resume)]
    pub fn on_resume(&mut self, resume: Resume) -> Result<(), ActorError> {
        if let Some(tube) = self.switched(&resume.disabled) {
            self.switch(tube, !resume.open.is_empty())?;
        }
        let open: BTreeSet<u32> = resume.open.iter().map(|(epoch, _)| *epoch).collect();
        let lowest = open.first().copied().unwrap_or(resume.next);
        let over: BTreeSet<u32> = self
            .scheduler
            .open_epochs()
            .filter(|epoch| *epoch < resume.next)
            // A node whose calls come in order waits for those between, which it may never have heard of.
            .chain(lowest..resume.next)
            .filter(|epoch| !open.contains(epoch))
            .collect();
        for epoch in over {
            self.over(epoch);
        }
        self.scheduler.start_at(lowest);
        if let Some(checkpoints) = &self.checkpoints {
            let own = resume
                .states
                .into_iter()
                .filter(|(node, _)| *node == self.id);
            checkpoints.set_failed_epochs(resume.failed);
            checkpoints.add_restored_states(own.flat_map(|(_, states)| states));
        }
        self.ledger.resume(resume.next, open);
        self.kept.forget_below(self.ledger.floor());
        for (epoch, input) in &resume.open {
            self.begin(*epoch, input.as_deref());
        }
        self.call_ready();
        self.resubscribe()
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

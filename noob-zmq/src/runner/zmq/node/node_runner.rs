//! [`NodeRunner`]: the actor of a node process, its state and its interface.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;

use super::checkpoint::CheckpointClient;
use super::config::{CallCounts, LossyEdges, NodeConfig, StandaloneNode};
use super::epoch_ledger::EpochLedger;
use super::event_routing::EventRouting;
use super::execute::Counts;
use super::group::links::GroupLinks;
use super::large_values::LargeValues;
use super::leased_inputs::LeasedInputs;
use super::neighbours::Neighbours;
use super::reconfigure::make_scheduler;
use super::replay_buffer::ReplayBuffer;
use super::worker::Worker;
use super::worker::crew::{Crew, NodeWork};
use super::worker::spare_calls::SpareCalls;
use super::worker::work_queue::{NodeCall, WorkerEvent};
use crate::actor::{ActorError, Scope};
use crate::graph::{
    Epoch, Event, Name, NodeIx, OnError, Outcome, Scheduler, Store, Supervision, Tube, TubeNode,
    TubeNodeKind,
};
use crate::node::{Node, NodeError};
use crate::runner::Phase;
use crate::runner::admission::EventFilter;
use crate::runner::event_ids::EventIds;
use crate::runner::watch::node_samples::NodeSamples;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::sockets::NodeSockets;
use crate::runner::zmq::subscriber_set::SubscriberSet;
use crate::transport::{Endpoint, TransportError};
use crate::wire::{Failure, Identify, NodeStatus, Report, Status};

/// Hosts one node of a tube: receives the events that the node depends on, calls the node when a
/// call is complete, and publishes what the call emits.
///
/// Methods are called from the event loop of the actor and do not block: calls run outside of the
/// event loop.
pub struct NodeRunner {
    pub(super) id: Name,
    scope: Scope,
    pub(super) peers: PeerDirectory,
    pub(super) tube: Arc<Tube>,
    pub(super) me: NodeIx,
    pub(super) supervision: Supervision,
    pub(super) sockets: NodeSockets,
    pub(super) status: NodeStatus,
    pub(super) subscribers: SubscriberSet,
    pub(super) neighbours: Neighbours,
    pub(super) routing: EventRouting,
    pub(super) ledger: EpochLedger,
    pub(super) filter: EventFilter,
    pub(super) scheduler: Scheduler,
    pub(super) store: Store,
    /// Calls that are ready in epochs that were not requested yet.
    pub(super) unrequested: BTreeSet<Epoch>,
    pub(super) worker: Option<Worker>,
    /// Whether the node was made and initialised, and the command node was told who is here.
    pub(super) introduced: bool,
    /// Calls that are ready and requested, and not handed to the worker yet.
    pub(super) due_calls: Vec<NodeCall>,
    /// Calls that have ended, for later ones.
    pub(super) spare_calls: SpareCalls,
    /// Results that are being taken; empty between.
    pub(super) results: Vec<WorkerEvent>,
    /// Notified to have results drained a moment later, in any case.
    pub(super) collector: Arc<Notify>,
    /// Inputs from the command node, if the node may hold objects that others hold too.
    pub(super) leased_inputs: Option<LeasedInputs>,
    /// Edges that drop events rather than make their source wait.
    pub(super) lossy_edges: Option<LossyEdges>,
    /// State of the node after each call, for the process after this one.
    pub(super) checkpoints: Option<CheckpointClient>,
    /// Signals that a call emits nothing on, unless the node does it itself.
    pub(super) own_signals: Vec<Name>,
    /// Events that were emitted and not published yet.
    pub(super) unsent: Vec<Event>,
    pub(super) replay_buffer: ReplayBuffer,
    pub(super) large_values: LargeValues,
    pub(super) counts: Counts,
    pub(super) ids: EventIds,
    /// Samples of the signals that somebody taps.
    pub(super) samples: NodeSamples,
    /// Whether the process was sent SIGTERM.
    pub(super) terminated: bool,
    /// Nodes of the process, if it hosts several.
    pub(super) group: Arc<GroupLinks>,
    /// Nodes of the process that this one feeds.
    pub(super) readers: Vec<Name>,
    crew: Arc<Crew>,
    on_closed: Option<Box<dyn FnOnce(bool) + Send>>,
}

/// Returns the signals of a node whose calls emit nothing on those that they leave out.
fn own_signals(node: &TubeNode) -> Vec<Name> {
    match node.kind {
        TubeNodeKind::Typed => node.signals.clone(),
        _ => Vec::new(),
    }
}

impl NodeRunner {
    pub(super) fn new(node: StandaloneNode, sockets: NodeSockets) -> Self {
        let StandaloneNode {
            config,
            scope,
            on_closed,
            peers,
            crew,
        } = node;
        let lossy_edges = config.lossy_edges();
        let checkpoints = config.checkpoints();
        let NodeConfig {
            id,
            tube,
            plan,
            me,
            supervision,
            first_epoch,
            incarnation: _,
            shared_memory,
            observed,
            reports,
            foreign,
            group,
        } = config;
        let mut routing = EventRouting::new(id.clone(), &tube, &plan, observed, &group);
        if reports {
            routing.report_calls();
        }
        let neighbours = Neighbours::new(id.clone(), &tube, Arc::clone(&group));
        let own_signals = tube.nodes.get(&id).map(own_signals).unwrap_or_default();
        let (mut scheduler, leased_inputs) = make_scheduler(&tube, &plan, me);
        let local = Arc::clone(scheduler.plan());
        let me = local.node_index(&id).unwrap_or(me);
        scheduler.start_at(first_epoch);
        Self {
            scheduler,
            store: Store::new(local),
            own_signals,
            scope,
            peers,
            me,
            supervision,
            sockets,
            status: NodeStatus::Waiting,
            subscribers: SubscriberSet::default(),
            neighbours,
            routing,
            ledger: EpochLedger::new(first_epoch),
            filter: EventFilter::for_node().with_foreign(foreign),
            unrequested: BTreeSet::new(),
            worker: None,
            introduced: false,
            due_calls: Vec::new(),
            spare_calls: SpareCalls::default(),
            results: Vec::new(),
            collector: Arc::default(),
            leased_inputs,
            lossy_edges,
            checkpoints,
            unsent: Vec::new(),
            replay_buffer: ReplayBuffer::default(),
            large_values: LargeValues::new(shared_memory),
            counts: Counts::default(),
            ids: EventIds::new(),
            samples: NodeSamples::default(),
            terminated: false,
            crew,
            readers: group.readers_of(&id, &tube),
            group,
            id,
            tube,
            on_closed: Some(on_closed),
        }
    }

    /// Returns the name of the node in the tube.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the open sockets, to send messages of the caller.
    #[must_use]
    pub const fn sockets(&self) -> &NodeSockets {
        &self.sockets
    }

    /// Returns the calls of the node so far.
    #[must_use]
    pub fn calls(&self) -> CallCounts {
        CallCounts {
            number: self.counts.calls,
            took: self
                .worker
                .as_ref()
                .map(|worker| worker.queue().busy_time())
                .unwrap_or_default(),
        }
    }

    /// Returns the address where the events of the node are published.
    ///
    /// # Errors
    /// A path that is too long for a socket.
    pub fn outbox_address(&self) -> Result<Endpoint, TransportError> {
        let own = Endpoint::ipc(NodeSockets::OUTBOX.path(&self.scope))?;
        self.peers.to_public(own)
    }

    /// Returns the status of the node.
    #[must_use]
    pub const fn status(&self) -> NodeStatus {
        self.status
    }

    /// Has the worker thread of the process make and initialise the node, and then make its calls.
    ///
    /// `wake` is called from that thread, and must cause a call of
    /// [`take_results`](Self::take_results) soon. The command node is told who is here when the
    /// node is initialised.
    ///
    /// # Errors
    /// The operating system refuses the thread.
    pub fn init(
        &mut self,
        make: impl FnOnce() -> Result<Box<dyn Node>, NodeError> + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<()> {
        let retries = match self.supervision.on_error {
            Some(OnError::Retry(times)) => times,
            _ => 0,
        };
        let outbox = self.sockets.outbox.progress();
        let memory = self.large_values.memory();
        let name = self.id.clone();
        let ends = !self.scheduler.plan().is_fed(self.me);
        let worker = Worker::start(&self.crew, retries, |shared| NodeWork {
            name,
            ends,
            shared,
            outbox,
            lend: Box::new(move |len| memory.lend(len)),
            make: Box::new(make),
            wake: Box::new(wake),
        })?;
        self.worker = Some(worker);
        Ok(())
    }

    /// Shuts the node down after the running call; then the process ends.
    pub fn deinit(&mut self) {
        if let Err(error) = self.update_status(NodeStatus::Closed) {
            tracing::debug!(%error, "nobody receives that this node is closed");
        }
        self.unrequested.clear();
        if !self.worker.as_ref().is_some_and(Worker::deinit) {
            self.close(true);
        }
    }

    /// Tells the command node who this is, and which nodes it is connected to.
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
            subscribed_to: self.neighbours.feeders(),
            subscribers: self.subscribers.names(),
        })
    }

    /// Changes the status, and tells the command node.
    ///
    /// # Errors
    /// A closed socket.
    pub fn update_status(&mut self, status: NodeStatus) -> Result<(), ActorError> {
        self.status = status;
        if !self.introduced {
            // `identify` sends the status with everything else.
            return Ok(());
        }
        self.sockets.dealer.send(&Status {
            node_id: self.id.clone(),
            status,
        })
    }

    /// Applies events, those of this node too, and calls the node where a call is complete.
    pub fn update_graph(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.counts.receive(&event);
            self.ingest_event(event);
        }
        self.call_ready();
    }

    /// Applies outcomes that a node which feeds this one has told, and calls the node where a call
    /// is complete.
    pub(super) fn update_outcomes(&mut self, sender: &Name, outcomes: &[Outcome]) {
        for outcome in outcomes {
            self.ingest_outcome(sender, outcome);
        }
        self.call_ready();
    }

    /// Returns the status of a node that no epoch was requested of.
    pub(super) fn idle_status(&self) -> NodeStatus {
        if self.neighbours.all_subscribed(&self.subscribers) {
            NodeStatus::Ready
        } else {
            NodeStatus::Waiting
        }
    }

    /// Reports an error to the command node.
    pub fn error(&self, phase: Phase, epoch: Option<Epoch>, error: NodeError) {
        tracing::debug!(?phase, ?epoch, error = %error.message, "the node failed");
        let error = error.bounded();
        let report = Report {
            epoch,
            phase,
            class: error.class().map(str::to_owned),
            at: error.at().map(str::to_owned),
            detail: error.detail().map(str::to_owned),
            attachment: error.attachment().cloned(),
            message: error.message,
            chain: error.chain,
            panicked_at: error.panicked_at,
        };
        let failure = Failure {
            node_id: self.id.clone(),
            report,
        };
        if let Err(error) = self.sockets.dealer.send(&failure) {
            tracing::error!(%error, "the error cannot be reported to the command node");
        }
    }

    /// Records that the node was shut down, and whether without an error.
    pub(super) fn close(&mut self, without_error: bool) {
        if let Some(on_closed) = self.on_closed.take() {
            on_closed(without_error);
        }
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

//! The run coordinator: decides which epochs are opened, when one is complete, what it returned,
//! and what a failure ends.
//!
//! A state machine without I/O, clock or socket. It is told of requests, events and failures by
//! method calls, and queues its decisions as [`Action`]s; whoever drives it takes these by
//! [`Coordinator::poll_action`] and carries them out. In a [`ZmqRunner`](crate::runner::ZmqRunner)
//! the loop of the command node drives it, in a [`TaskRunner`](crate::runner::TaskRunner) the
//! threads of the caller and of the nodes do.

mod action;
pub(crate) mod checkpoints;
mod completion;
mod epochs;
mod failures;
mod ingest;
mod leases;
mod observers;
mod reconfigure;
mod status;
mod stop;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub(crate) use self::action::{Action, RunPosition};
use self::checkpoints::CheckpointStore;
pub(crate) use self::completion::{CompletionSender, FailureSender};
pub(crate) use self::epochs::EpochResult;
use self::epochs::OpenEpoch;
pub(crate) use self::observers::{EventObservers, refuse_in_callback};
use self::reconfigure::PendingReconfigure;
use self::status::EpochProgress;
use crate::graph::{
    AccessOrder, Epoch, ImpliedCalls, Name, NodeIx, Plan, Scheduler, Store, Supervision, Timestamp,
    Tube,
};
use crate::node::special::Return;
use crate::runner::admission::{EventFilter, ForeignNodes};
use crate::runner::assets::{AssetReplacement, ObjectTable};
use crate::runner::event_ids::EventIds;
use crate::runner::recorder::RunRecorder;
use crate::runner::report::RunReport;
use crate::runner::tracer::Tracer;
use crate::runner::wanted_values::WantedValues;
use crate::runner::{NodeFailure, RunError};
use crate::sync::lock;

/// State of a run, as its runner sees it.
pub(crate) struct Coordinator {
    tube: Arc<Tube>,
    scheduler: Scheduler,
    /// Order of the calls that may hold the same object; `None` if nodes share none.
    access_order: Option<AccessOrder>,
    /// Whether nodes run in other processes, schedule themselves, and are lent shared objects.
    remote_nodes: bool,
    /// Objects that each call in another process holds.
    leases: BTreeMap<(Epoch, NodeIx), ObjectTable>,
    /// Calls in open epochs that have returned their lease.
    returned_leases: BTreeSet<(Epoch, NodeIx)>,
    /// Decisions that were not taken yet, oldest first.
    actions: VecDeque<Action>,
    /// Failures that are processed when the current events have been applied.
    deferred_failures: Vec<NodeFailure>,
    replacement: AssetReplacement,
    store: Store,
    return_node: Option<NodeIx>,
    /// Whether the values that no epoch returns any more were reported.
    end_reported: bool,
    /// Epoch after the highest that was ever requested.
    next: u32,
    /// Whether any epoch was requested.
    requested: bool,
    open: BTreeMap<u32, OpenEpoch>,
    /// Collectors of results of closed epochs, for the next that are opened.
    spare_returns: Vec<Return>,
    /// Closed epochs of which the nodes were not told yet, which costs them only memory.
    closed: Vec<u32>,
    /// Bytes of events of these epochs.
    closed_bytes: u64,
    /// The closed epochs that have failed or were skipped.
    failed: Vec<u32>,
    observers: EventObservers,
    recorder: RunRecorder,
    tracer: Tracer,
    /// Whether nodes send the values of all events, and not those alone that the run uses.
    observes: bool,
    /// Whether nodes were asked for the values of all events since the start.
    observes_anew: bool,
    wanted: WantedValues,
    /// Calls that nodes in other processes do not report.
    implied: ImpliedCalls,
    clock: fn() -> Timestamp,
    ids: EventIds,
    filter: EventFilter,
    /// Reason why no further epoch can be run.
    run_failure: Option<RunError>,
    /// Whether a waiting caller was given the run's failure in full.
    failure_reported: bool,
    startup: Option<FailureSender>,
    /// Whether the run is being stopped: no further epoch is requested by its reader.
    stopping: bool,
    /// The enabling or disabling of a node that is under way.
    reconfiguring: Option<PendingReconfigure>,
    /// Whether nodes were enabled or disabled since the start.
    reconfigured: bool,
    /// Supervision where the tube does not define it.
    supervision: Supervision,
    checkpoints: CheckpointStore,
    report: RunReport,
    progress: EpochProgress,
    /// Errors of nodes that failed to shut down.
    shutdown_errors: Vec<RunError>,
}

impl Coordinator {
    /// Creates the coordinator of a run whose first epoch is `first`.
    ///
    /// `clock` gives the time of events that the coordinator makes itself.
    pub(crate) fn new(
        tube: Arc<Tube>,
        observers: EventObservers,
        first: u32,
        clock: fn() -> Timestamp,
    ) -> Self {
        let plan = Arc::new(Plan::new(&tube));
        let return_node = Self::return_node_of(&tube, &plan);
        let mut scheduler = Scheduler::new(Arc::clone(&plan));
        scheduler.start_at(first);
        let wanted = WantedValues::of(&tube);
        let (has_callbacks, recorder, tracer) = {
            let observers = lock(&observers);
            let has_callbacks = !observers.callbacks.is_empty();
            (
                has_callbacks,
                observers.recorder.clone(),
                observers.tracer.clone(),
            )
        };
        Self {
            observes: wanted.all() || has_callbacks,
            recorder,
            tracer,
            observes_anew: false,
            wanted,
            implied: ImpliedCalls::default(),
            scheduler,
            access_order: AccessOrder::new(&tube, &plan),
            remote_nodes: false,
            leases: BTreeMap::new(),
            returned_leases: BTreeSet::new(),
            actions: VecDeque::new(),
            deferred_failures: Vec::new(),
            replacement: AssetReplacement::new(&tube, &plan),
            store: Store::new(plan),
            return_node,
            end_reported: false,
            progress: EpochProgress::of(&tube),
            tube,
            next: 0,
            requested: false,
            open: BTreeMap::new(),
            spare_returns: Vec::new(),
            closed: Vec::new(),
            closed_bytes: 0,
            failed: Vec::new(),
            observers,
            clock,
            ids: EventIds::new(),
            filter: EventFilter::for_coordinator(),
            run_failure: None,
            failure_reported: false,
            startup: None,
            stopping: false,
            reconfiguring: None,
            reconfigured: false,
            supervision: Supervision::default(),
            checkpoints: CheckpointStore::default(),
            report: RunReport::default(),
            shutdown_errors: Vec::new(),
        }
    }

    /// Sets that nodes run in other processes: these decide on their own when they are ready, and
    /// are sent inputs only to lease shared objects.
    pub(crate) fn with_remote_nodes(mut self) -> Self {
        self.remote_nodes = true;
        self.plan_remote();
        self
    }

    /// Rejects objects of other languages that come from these nodes.
    pub(crate) fn with_foreign_nodes(mut self, nodes: ForeignNodes) -> Self {
        self.filter = self.filter.with_foreign(nodes);
        self
    }

    /// Sets that nodes report all events, since an actor of the caller receives them too.
    pub(crate) const fn with_all_events(mut self, all: bool) -> Self {
        self.observes |= all;
        self
    }

    /// Plans what is different for nodes in other processes.
    fn plan_remote(&mut self) {
        self.store = self.make_store();
        if self.remote_nodes {
            self.implied = self.wanted.implied_calls(self.scheduler.plan());
        }
    }

    /// Creates the store: of all values that calls in this process need.
    fn make_store(&self) -> Store {
        let plan = Arc::clone(self.scheduler.plan());
        // Shared objects are leased with the other inputs of a call.
        if self.remote_nodes && self.access_order.is_none() {
            Store::for_nodes(plan, self.return_node)
        } else {
            Store::new(plan)
        }
    }

    /// Takes the oldest decision that is to be carried out.
    ///
    /// Call it until it returns `None` after every other method, before the coordinator is
    /// unlocked: the order of actions is that of the decisions.
    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Returns the number from which the ids of the spans of the run are computed, if they are
    /// exported.
    pub(crate) fn trace_seed(&self) -> Option<u64> {
        self.tracer.seed()
    }

    /// Returns the name of a node.
    pub(crate) fn node_name(&self, node: NodeIx) -> Name {
        self.scheduler.plan().node_name(node).clone()
    }

    /// Returns where the tube declares a node.
    pub(crate) fn place(&self, node: &str) -> Option<String> {
        self.tube.node_at(node)
    }

    fn return_node_of(tube: &Tube, plan: &Plan) -> Option<NodeIx> {
        let node = tube.return_node().filter(|node| node.enabled)?;
        plan.node_index(&node.id)
    }
}

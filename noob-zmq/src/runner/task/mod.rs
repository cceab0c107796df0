//! The runner that runs nodes beside each other in this process, on a tokio runtime.

mod host;

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use tokio::runtime::Runtime;

use self::host::{Host, Seat};
use crate::graph::{Epoch, Map, NodeIx, Plan, Role, Tube, TubeNode, Value};
use crate::node::{Node, NodeError};
use crate::runner::assets::RunScopedAssets;
use crate::runner::assets::with_assets;
use crate::runner::coordinator::{Coordinator, EventObservers};
use crate::runner::enablement::moved_gathers;
use crate::runner::enablement::with_node_enabled;
use crate::runner::event_ids;
use crate::runner::inputs::EpochInputs;
use crate::runner::node_factory::{failure, make_node};
use crate::runner::panic_guard::catch_panic;
use crate::runner::pipeline::EpochNumbers;
use crate::runner::pipeline::RunMode;
use crate::runner::pipeline::{MAX_ITER_LOOPS, ResultReader};
use crate::runner::pipeline::{Pipeline, PipelineConfig};
use crate::runner::{
    ClosedReason, EpochResults, EventCallback, Phase, RunError, RunLimit, Runner, RunnerHandle,
    Stopper,
};
use crate::sync::lock;

/// Runs a tube in this process, nodes beside each other: each node has its calls made one after the other, on threads of a tokio runtime
/// that are there for code that blocks; several epochs are open at once.
///
/// It gives what [`SyncRunner`](crate::runner::SyncRunner) gives, in the same order. Nodes that wait or compute long gain by it; where calls are
/// short, handing them from thread to thread costs more than they do.
///
/// After an error of a node the epoch is dropped, and the next [`process`](crate::runner::RunnerExt::process) runs the next one. A panic of a node
/// is an error of that node.
pub struct TaskRunner {
    tube: Arc<Tube>,
    plan: Arc<Plan>,
    seats: Arc<[Option<Seat>]>,
    running: Option<Running>,
    mode: RunMode<Host>,
    epoch_numbers: EpochNumbers<Host>,
    config: PipelineConfig,
    callbacks: EventObservers,
    max_iter_loops: u64,
}

/// From `init` to `deinit`.
struct Running {
    runtime: Option<Runtime>,
    host: Host,
}

impl TaskRunner {
    /// A runner of this tube, with the node types of this program. Nothing is started yet.
    ///
    /// # Errors
    /// A node that cannot be made: its type is not known, or its params are not right.
    pub fn new(tube: Tube) -> Result<Self, RunError> {
        Self::with_nodes(tube, make_node)
    }

    /// A runner whose nodes are made by `make`, which is called for each node but the `return`, in the order of the file.
    ///
    /// # Errors
    /// What `make` says, with the node and its place.
    pub fn with_nodes(
        tube: Tube,
        mut make: impl FnMut(&Plan, &TubeNode) -> Result<Box<dyn Node>, NodeError>,
    ) -> Result<Self, RunError> {
        let plan = Arc::new(Plan::new(&tube));
        let mut seats = Vec::with_capacity(plan.node_count());
        for ix in plan.nodes() {
            let known = tube
                .nodes
                .get(plan.node_name(ix))
                .filter(|_| plan.role(ix) != Role::Return);
            let Some(known) = known else {
                seats.push(None);
                continue;
            };
            let node = catch_panic(|| with_assets(&tube, &known.id, make(&plan, known)?))
                .map_err(|error| failure(&tube, &known.id, Phase::Init, None, error))?;
            seats.push(Some(Seat {
                node: Mutex::new(node),
                desk: Mutex::default(),
            }));
        }
        let config = PipelineConfig {
            can_run: plan.can_run(),
            stopper: Stopper::default(),
        };
        let pipeline = Pipeline::new(RunScopedAssets::new(&tube));
        Ok(Self {
            epoch_numbers: pipeline.epoch_numbers().clone(),
            mode: RunMode::Called(pipeline),
            tube: Arc::new(tube),
            plan,
            seats: seats.into(),
            running: None,
            config,
            callbacks: EventObservers::default(),
            max_iter_loops: MAX_ITER_LOOPS,
        })
    }

    /// How many epochs may be open at once in a run of many, or be over and not taken; 64 if nothing is said, 1 for strict lock-step.
    #[must_use]
    pub fn window(mut self, epochs: u32) -> Self {
        self.mode.set_window(|window| window.with_epochs(epochs));
        self
    }

    /// How many bytes the events of these epochs may take up, about; 64 MiB if nothing is said. Fewer epochs are open where they are large, but
    /// one at least. How large epochs are is learned from those before: the first that is larger than all before it is let in.
    #[must_use]
    pub fn window_bytes(mut self, bytes: u64) -> Self {
        self.mode.set_window(|window| window.with_bytes(bytes));
        self
    }

    /// What runs single epochs from other threads and tasks, many at once.
    ///
    /// # Errors
    /// [`RunError::SharedAsset`] for a tube whose nodes share assets: its epochs run one after the other.
    pub fn runner_handle(&self) -> Result<RunnerHandle, RunError> {
        RunnerHandle::new(&self.tube, self.epoch_numbers.clone())
    }

    /// The tube that it runs.
    #[must_use]
    pub fn tube(&self) -> &Tube {
        &self.tube
    }

    /// What drives the run, and what was asked of it.
    fn started(&mut self) -> Result<&mut Pipeline<Host>, RunError> {
        self.init()?;
        self.mode.called()
    }

    fn is_enabled(&self, node: NodeIx) -> bool {
        let node = self.tube.nodes.get(self.plan.node_name(node));
        node.is_some_and(|node| node.enabled)
    }

    /// Enables or disables a node.
    fn switch(&mut self, id: &str, enabled: bool) -> Result<(), RunError> {
        let Some(tube) = with_node_enabled(&self.tube, id, enabled)? else {
            return Ok(());
        };
        self.mode.called()?.wait_for_open();
        let _held = self.epoch_numbers.hold()?;
        let seat = self.plan.node_index(id).map(NodeIx::index);
        let seat = seat.and_then(|ix| self.seats.get(ix)?.as_ref());
        let done = match (seat, self.running.is_some(), enabled) {
            (Some(seat), true, true) => catch_panic(|| lock(&seat.node).init()),
            (Some(seat), true, false) => catch_panic(|| lock(&seat.node).deinit()),
            _ => Ok(()),
        };
        let phase = if enabled { Phase::Init } else { Phase::Deinit };
        let done = done.map_err(|error| failure(&self.tube, id, phase, None, error));
        if enabled {
            done.clone()?;
        }
        let plan = Arc::new(Plan::new(&tube));
        for gather in moved_gathers(&tube, &self.plan, &plan) {
            let seat = self.seats.get(gather.index()).and_then(Option::as_ref);
            if let (Some(seat), Some(known)) = (seat, tube.nodes.get(plan.node_name(gather))) {
                let made = make_node(&plan, known);
                *lock(&seat.node) =
                    made.map_err(|error| failure(&tube, &known.id, Phase::Init, None, error))?;
            }
        }
        self.config.can_run = plan.can_run();
        self.plan = plan;
        self.tube = Arc::new(tube);
        if let Some(running) = &self.running {
            let first = self.epoch_numbers.next();
            *lock(&running.host.coordinator) = Coordinator::new(
                Arc::clone(&self.tube),
                Arc::clone(&self.callbacks),
                first,
                event_ids::now,
            );
        }
        done
    }

    /// Shuts down the nodes that were started, and gives the first error.
    fn shut_down(&self, started: usize) -> Result<(), RunError> {
        let mut outcome = Ok(());
        for (ix, seat) in self.plan.nodes().zip(&*self.seats).take(started) {
            let Some(seat) = seat.as_ref().filter(|_| self.is_enabled(ix)) else {
                continue;
            };
            lock(&seat.desk).calls.clear();
            if let Err(error) = catch_panic(|| lock(&seat.node).deinit()) {
                let name = self.plan.node_name(ix);
                let error = failure(&self.tube, name, Phase::Deinit, None, error);
                if outcome.is_ok() {
                    outcome = Err(error);
                } else {
                    tracing::warn!("{error}");
                }
            }
        }
        outcome
    }
}

impl Runner for TaskRunner {
    fn init(&mut self) -> Result<(), RunError> {
        if self.running.is_some() {
            return Ok(());
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(self.seats.len().max(1))
            .thread_name("noob-zmq-task")
            .enable_all()
            .build()
            .map_err(|error| RunError::thread("the threads of the runner", error))?;
        for (ix, seat) in self.plan.nodes().zip(&*self.seats) {
            let Some(seat) = seat.as_ref().filter(|_| self.is_enabled(ix)) else {
                continue;
            };
            if let Err(error) = catch_panic(|| lock(&seat.node).init()) {
                let name = self.plan.node_name(ix);
                let error = failure(&self.tube, name, Phase::Init, None, error);
                if let Err(other) = self.shut_down(ix.index()) {
                    tracing::warn!("{other}");
                }
                runtime.shutdown_background();
                return Err(error);
            }
        }
        let coordinator = Coordinator::new(
            Arc::clone(&self.tube),
            Arc::clone(&self.callbacks),
            self.epoch_numbers.next(),
            event_ids::now,
        );
        let host = Host {
            runtime: runtime.handle().clone(),
            coordinator: Arc::new(Mutex::new(coordinator)),
            seats: Arc::clone(&self.seats),
            busy: Arc::default(),
        };
        let mode = self.mode.called();
        if let Err(error) = mode.and_then(|pipeline| pipeline.start(host.clone())) {
            if let Err(other) = self.shut_down(self.plan.node_count()) {
                tracing::warn!("{other}");
            }
            runtime.shutdown_background();
            return Err(error);
        }
        self.running = Some(Running {
            runtime: Some(runtime),
            host,
        });
        Ok(())
    }

    fn process_map(&mut self, input: Map) -> Result<Option<Value>, RunError> {
        let inputs = EpochInputs::check(&self.tube, input)?;
        let pipeline = self.started()?;
        pipeline.process(inputs)
    }

    fn iter_up_to(&mut self, limit: RunLimit) -> Result<EpochResults<'_>, RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        let returns = self.tube.return_node().is_some();
        let mut reading = ResultReader::new(limit.count(), self.max_iter_loops, returns);
        let config = self.config.clone();
        let pipeline = self.started()?;
        Ok(EpochResults::new(std::iter::from_fn(move || {
            pipeline.read(&config, &mut reading)
        })))
    }

    fn run_each_up_to(
        &mut self,
        limit: RunLimit,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        let config = self.config.clone();
        let pipeline = self.started()?;
        pipeline.run_each(&config, limit.count(), each)
    }

    fn start(&mut self) -> Result<(), RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        self.started()?;
        self.mode.start(self.config.clone())
    }

    fn stop(&mut self) -> Result<u64, RunError> {
        self.mode.stop(&self.config.stopper)
    }

    fn deinit(&mut self) -> Result<(), RunError> {
        // Dropping it waits for the calls that go on.
        if self.running.take().is_none() {
            return Ok(());
        }
        let stopped = self.shut_down(self.plan.node_count());
        stopped.and(self.mode.end())
    }

    fn stopper(&self) -> Stopper {
        self.config.stopper.clone()
    }

    fn running(&self) -> bool {
        self.running.is_some()
    }

    fn enable_node(&mut self, id: &str) -> Result<(), RunError> {
        self.switch(id, true)
    }

    fn disable_node(&mut self, id: &str) -> Result<(), RunError> {
        self.switch(id, false)
    }

    fn add_callback(&mut self, callback: EventCallback) {
        lock(&self.callbacks).push(callback);
    }

    fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value> {
        self.mode.collect_return(epoch)
    }

    fn max_iter_loops(&self) -> u64 {
        self.max_iter_loops
    }

    fn set_max_iter_loops(&mut self, epochs: u64) {
        self.max_iter_loops = epochs;
    }
}

impl Drop for TaskRunner {
    fn drop(&mut self) {
        if let Err(error) = self.deinit() {
            tracing::warn!("{error}");
        }
    }
}

impl std::fmt::Debug for TaskRunner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskRunner")
            .field("tube", &self.tube.id)
            .field("running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.host.coordinator).fail_run(RunError::closed(ClosedReason::ShutDown));
        for seat in self.host.seats.iter().flatten() {
            lock(&seat.desk).calls.clear();
        }
        self.host.busy.wait();
        if let Some(runtime) = self.runtime.take() {
            // Nothing runs on it any more; waiting for its threads is not allowed where the caller is asynchronous.
            runtime.shutdown_background();
        }
    }
}

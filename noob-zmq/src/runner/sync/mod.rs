//! Runner that runs a tube in the calling thread.

mod call;
mod make_node;
mod nested_tube;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::sync::Arc;

pub(crate) use self::make_node::make_node;
use crate::graph::{
    AccessOrder, Arguments, Epoch, Map, NodeIx, Plan, Role, Scheduler, Store, Tube, TubeNode,
    Value, next_ready,
};
use crate::node::special::Return;
use crate::node::{Inputs, Node, NodeError, Outputs};
#[cfg(feature = "record")]
use crate::record::{RecordCounts, Recording};
use crate::runner::assets::{self, AssetReplacement, AssetValues, RunScopedAssets};
use crate::runner::enablement::{Reconfigure, plan_node_enabled};
use crate::runner::error::{keep_first, log_error};
use crate::runner::event_ids::EventIds;
use crate::runner::inputs::EpochInputs;
use crate::runner::node_factory::{make_nodes, remake_moved_gathers, set_live};
use crate::runner::pipeline::{MAX_ITER_LOOPS, ResultReader};
use crate::runner::recorder::{EpochEnd, RunRecorder};
use crate::runner::report::report_ended_source;
use crate::runner::tracer::Tracer;
use crate::runner::tube_warnings::TubeWarnings;
use crate::runner::watch::in_process::NodeMeters;
use crate::runner::watch::report::RunStatus;
use crate::runner::watch::watcher::Watcher;
use crate::runner::{EpochResults, EventCallback, RunError, RunLimit, Runner, Stopper};

/// Runs a tube in the calling thread: one node call after the other, each as soon as its inputs are
/// there.
///
/// After an error of a node the epoch is dropped, and the next
/// [`process`](crate::runner::RunnerExt::process) runs the next one. A panic of a node is an error
/// of that node. A drop shuts the nodes down as [`deinit`](Runner::deinit) does; errors go to the
/// log.
///
/// ```
/// use noob_zmq::prelude::*;
///
/// #[node(name = "greeter.greet")]
/// fn greet(name: String) -> String {
///     format!("hello {name}")
/// }
///
/// let text = "
///     noob_id: greeter
///     input: {name: {type: str, scope: process}}
///     nodes:
///       greet: {type: greeter.greet, depends: [{name: input.name}]}
///       return: {type: return, depends: greet.value}
/// ";
/// let mut runner = SyncRunner::new(tube::from_text("greeter.yaml", text, ())?)?;
/// assert_eq!(runner.process_as(inputs! { name: "you" })?, Some("hello you".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SyncRunner {
    tube: Arc<Tube>,
    plan: Arc<Plan>,
    scheduler: Scheduler,
    /// Order of calls of nodes that may hold the same object.
    access_order: Option<AccessOrder>,
    store: Store,
    assets: RunScopedAssets,
    replacement: AssetReplacement,
    /// The assets that were replaced in this epoch.
    replaced: AssetValues,
    /// Nodes by [`NodeIx`]; `None` for the `return`, and for `input`.
    nodes: Vec<Option<Box<dyn Node>>>,
    result: Return,
    callbacks: Vec<EventCallback>,
    recorder: RunRecorder,
    tracer: Tracer,
    /// Whether the runner is inside of a call of another runner, which exports a span of it.
    is_nested: bool,
    ids: EventIds,
    /// The inputs of the last call, whose allocations the next one uses again.
    inputs: Inputs,
    arguments: Arguments,
    outputs: Outputs,
    /// Whether a value was emitted in the epoch that was run last.
    emitted: bool,
    /// The epoch that was run last, and its value.
    last: Option<(u32, Option<Value>)>,
    /// Whether the values that no epoch returns any more were reported.
    end_reported: bool,
    max_iter_loops: u64,
    running: bool,
    stopper: Stopper,
    warnings: TubeWarnings,
    meters: Arc<NodeMeters>,
    watcher: Watcher,
}

impl std::fmt::Debug for SyncRunner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SyncRunner")
            .field("tube", &self.tube.id)
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

impl SyncRunner {
    /// Returns a runner of this tube, with the node types that it was loaded with.
    ///
    /// Nothing is started yet.
    ///
    /// # Errors
    /// A node that cannot be made: its type is not known, or its params are not right.
    pub fn new(tube: Tube) -> Result<Self, RunError> {
        let types = tube.types.clone();
        Self::with_nodes(tube, |plan, node| make_node(&types, plan, node))
    }

    /// Returns a runner whose nodes are made by `make`, which is called for each node but the
    /// `return`, in the order of the file.
    ///
    /// # Errors
    /// The error of `make`, with the node and its place.
    pub fn with_nodes(
        tube: Tube,
        make: impl FnMut(&Plan, &TubeNode) -> Result<Box<dyn Node>, NodeError>,
    ) -> Result<Self, RunError> {
        let plan = Arc::new(Plan::new(&tube));
        let nodes = make_nodes(&tube, &plan, make)?;
        let result = plan
            .nodes()
            .find(|ix| plan.role(*ix) == Role::Return)
            .map_or_else(Return::default, |ix| {
                Return::new(plan.node_name(ix), &tube.edges)
            });
        let watcher = Watcher::new(RunStatus::of(&tube, "sync"));
        Ok(Self {
            meters: Arc::new(NodeMeters::new(&tube, &plan, watcher.taps())),
            watcher,
            assets: RunScopedAssets::new(&tube, false),
            replacement: AssetReplacement::new(&tube, &plan),
            replaced: Vec::new(),
            access_order: AccessOrder::new(&tube, &plan),
            scheduler: Scheduler::new(plan.clone()),
            store: Store::new(plan.clone()),
            plan,
            tube: Arc::new(tube),
            nodes,
            result,
            callbacks: Vec::new(),
            recorder: RunRecorder::default(),
            tracer: Tracer::default(),
            is_nested: false,
            ids: EventIds::new(),
            inputs: Inputs::new(Epoch::root(0), Arguments::default()),
            arguments: Arguments::default(),
            outputs: Outputs::default(),
            emitted: false,
            last: None,
            end_reported: false,
            max_iter_loops: MAX_ITER_LOOPS,
            running: false,
            stopper: Stopper::default(),
            warnings: TubeWarnings::default(),
        })
    }

    /// Returns the tube that the runner runs.
    #[must_use]
    pub fn tube(&self) -> &Tube {
        &self.tube
    }

    /// Returns whether every source has ended, so that
    /// [`process`](crate::runner::RunnerExt::process) would fail.
    #[must_use]
    pub const fn exhausted(&self) -> bool {
        self.scheduler.exhausted()
    }

    /// Returns how much is retained of closed epochs: nothing.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.scheduler.retained() + self.store.retained()
    }

    /// Sets that the runner is inside of a call of another runner.
    pub(super) const fn set_nested(&mut self) {
        self.is_nested = true;
    }

    /// Runs one epoch to its end.
    fn run_epoch(&mut self, number: u32, inputs: &EpochInputs) -> Result<(), RunError> {
        inputs.put(&self.tube, &self.plan, &mut self.store, number);
        if self.access_order.is_some() || !self.assets.is_empty() {
            let values = self.assets.begin()?;
            assets::put(&self.tube, &self.plan, &mut self.store, number, &values);
        }
        let _ = self.scheduler.input_done(number);
        while let Some((epoch, node)) = next_ready(&mut self.access_order, &mut self.scheduler) {
            self.call(epoch, node)?;
        }
        if self.scheduler.take_closed().last() == Some(number) {
            return Ok(());
        }
        Err(RunError::Stalled {
            tube: self.tube.id.clone(),
            epoch: number,
        })
    }

    /// Has readers of the status see the counters of this run.
    fn show_status(&self) {
        let (meters, tube) = (Arc::clone(&self.meters), Arc::clone(&self.tube));
        let plan = Arc::clone(&self.plan);
        self.watcher
            .set_live(move || meters.read(&tube, &plan, "sync"));
    }

    fn is_enabled(&self, node: NodeIx) -> bool {
        let node = self.tube.nodes.get(self.plan.node_name(node));
        node.is_some_and(|node| node.enabled)
    }
    /// Shuts down the nodes that were started, and returns the first error.
    fn stop(&mut self, started: usize) -> Result<(), RunError> {
        let mut outcome = Ok(());
        for ix in self.plan.nodes().take(started) {
            let enabled = self.is_enabled(ix);
            let Some(node) = self.nodes[ix.index()].as_mut().filter(|_| enabled) else {
                continue;
            };
            let stopped = set_live(&self.tube, self.plan.node_name(ix), node.as_mut(), false);
            keep_first(&mut outcome, stopped);
        }
        outcome
    }
}

impl Runner for SyncRunner {
    fn init(&mut self) -> Result<(), RunError> {
        crate::default_log::install_default_log();
        self.warnings.log(&self.tube);
        if self.running {
            return Ok(());
        }
        for ix in self.plan.nodes() {
            let enabled = self.is_enabled(ix);
            let Some(node) = self.nodes[ix.index()].as_mut().filter(|_| enabled) else {
                continue;
            };
            let name = self.plan.node_name(ix);
            if let Err(error) = set_live(&self.tube, name, node.as_mut(), true) {
                log_error(self.stop(ix.index()));
                return Err(error);
            }
        }
        if let Err(error) = self.assets.start() {
            log_error(self.stop(self.plan.node_count()));
            return Err(error);
        }
        self.scheduler.restart();
        self.running = true;
        self.meters = Arc::new(NodeMeters::new(&self.tube, &self.plan, self.watcher.taps()));
        self.show_status();
        if !self.is_nested {
            self.tracer = Tracer::of_run(&self.tube, None, &self.watcher);
        }
        Ok(())
    }

    fn process_map(&mut self, input: Map) -> Result<Option<Value>, RunError> {
        let inputs = EpochInputs::check(&self.tube, input)?;
        self.init()?;
        if self.scheduler.exhausted() {
            return Err(RunError::Exhausted);
        }
        let number = self.scheduler.open_next();
        self.emitted = false;
        self.meters.open_epoch(number);
        let begun = self.tracer.begin_epoch(crate::actor::now);
        self.recorder
            .inputs(number, inputs.given(), crate::actor::now);
        let outcome = self.run_epoch(number, &inputs);
        let replaced = std::mem::take(&mut self.replaced);
        let outcome = outcome.and(self.assets.end(replaced));
        if begun.is_some() {
            let end = outcome.as_ref().err().map(EpochEnd::of_error);
            let end = end.unwrap_or(EpochEnd::Done);
            self.tracer
                .end_epoch(number, begun, crate::actor::now, &end);
        }
        if self.scheduler.exhausted() && !self.emitted && outcome.is_ok() {
            // The sources told their end in it, and nothing else.
            self.recorder.discard_epoch(number);
        } else {
            self.recorder.end_of_sync_epoch(number, &outcome);
        }
        self.store.clear(number);
        let result = self.result.collect();
        if let Err(error) = outcome {
            let _ = self.scheduler.close(number);
            self.meters.fail_epoch();
            self.outputs = Outputs::default();
            for node in self.nodes.iter_mut().flatten() {
                node.epoch_failed(number);
            }
            self.last = Some((number, None));
            return Err(error);
        }
        if self.emitted || !self.scheduler.exhausted() {
            self.meters.complete_epoch();
        }
        if self.emitted && !self.end_reported {
            let mut nodes = self.plan.nodes();
            let returned = nodes.find(|node| self.plan.role(*node) == Role::Return);
            self.end_reported = report_ended_source(&self.tube, &self.scheduler, returned, number);
        }
        self.last = Some((number, result.clone()));
        self.recorder.wait_for_room()?;
        Ok(result)
    }

    fn iter_up_to(&mut self, limit: RunLimit) -> Result<EpochResults<'_>, RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        self.init()?;
        let returns = self.tube.return_node().is_some();
        let mut reading = ResultReader::new(limit.count(), self.max_iter_loops, returns);
        Ok(EpochResults::new(std::iter::from_fn(move || {
            loop {
                if self.stopper.take() {
                    reading.end();
                }
                if reading.needs() == 0 {
                    return None;
                }
                let returned = self.process_map(Map::new());
                if let Some(item) = reading.on_result(returned, self.scheduler.exhausted()) {
                    return Some(item);
                }
            }
        })))
    }

    fn run_each_up_to(
        &mut self,
        limit: RunLimit,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        self.init()?;
        let n = limit.count();
        let (mut epochs, mut runs) = (0, 0);
        // A tube in which nothing can run never exhausts its sources: without a number it would run
        // for ever.
        while n.map_or_else(|| self.plan.can_run(), |n| runs < n) {
            if self.stopper.take() {
                break;
            }
            match self.process_map(Map::new()) {
                Err(RunError::Exhausted) => break,
                Err(error) => return Err(error),
                Ok(value) => {
                    runs += 1;
                    epochs += u64::from(self.emitted);
                    if value.is_some_and(|value| each(value).is_break()) {
                        break;
                    }
                }
            }
        }
        Ok(epochs)
    }

    fn deinit(&mut self) -> Result<(), RunError> {
        if !std::mem::take(&mut self.running) {
            return Ok(());
        }
        let stopped = self.stop(self.plan.node_count());
        self.watcher.set_closed();
        std::mem::take(&mut self.tracer).finish();
        let ended = self.assets.stop();
        stopped.and(ended).and(self.recorder.end(&mut self.tube))
    }

    fn watcher(&self) -> Watcher {
        self.watcher.clone()
    }

    fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    fn running(&self) -> bool {
        self.running
    }

    /// Enables or disables a node.
    fn set_node_enabled(&mut self, id: &str, enabled: bool) -> Result<(), RunError> {
        let first_epoch = self.last.as_ref().map_or(0, |(number, _)| number + 1);
        let change = plan_node_enabled(&self.tube, id, enabled, first_epoch)?;
        let Some(Reconfigure { tube, .. }) = change else {
            return Ok(());
        };
        let plan = Arc::new(Plan::new(&tube));
        let gathers = remake_moved_gathers(&tube, &self.plan, &plan)?;
        let node = self.plan.node_index(id).map(NodeIx::index);
        let node = node.and_then(|ix| self.nodes.get_mut(ix)?.as_mut());
        let done = match node.filter(|_| self.running) {
            Some(node) => set_live(&self.tube, id, node.as_mut(), enabled),
            None => Ok(()),
        };
        if enabled {
            done.clone()?;
        }
        self.nodes.resize_with(plan.node_count(), || None);
        for (gather, made) in gathers {
            self.nodes[gather.index()] = Some(made);
        }
        self.replacement = AssetReplacement::new(&tube, &plan);
        self.access_order = AccessOrder::new(&tube, &plan);
        self.scheduler = Scheduler::new(plan.clone());
        self.scheduler.start_at(first_epoch);
        self.store = Store::new(plan.clone());
        self.meters = Arc::new(self.meters.for_next_plan(&self.plan, &tube, &plan));
        self.plan = plan;
        self.tube = tube;
        if self.running {
            self.show_status();
        }
        done
    }

    fn add_callback(&mut self, callback: EventCallback) {
        self.callbacks.push(callback);
    }

    #[cfg(feature = "record")]
    fn record(&mut self, recording: Recording) -> Result<(), RunError> {
        self.recorder
            .start(self.running, &mut self.tube, &recording)
    }

    #[cfg(feature = "record")]
    fn recorded(&self) -> Option<RecordCounts> {
        self.recorder.counts()
    }

    fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value> {
        let (number, value) = self.last.as_ref()?;
        let known = epoch.is_none_or(|epoch| epoch.is_root() && epoch.number() == *number);
        value.as_ref().filter(|_| known).cloned()
    }

    fn max_iter_loops(&self) -> u64 {
        self.max_iter_loops
    }

    fn set_max_iter_loops(&mut self, epochs: u64) {
        self.max_iter_loops = epochs;
    }
}

impl Drop for SyncRunner {
    fn drop(&mut self) {
        log_error(self.deinit());
        // A runner that was not started has a record too.
        log_error(self.recorder.end(&mut self.tube));
    }
}

//! The runner with several open epochs, whatever starts its nodes.
//!
//! Owns the state of the caller's side of a run, and drives it on the caller's thread. A
//! [`Backend`] starts, stops and changes the nodes, and reaches the coordinator.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::background::RunMode;
use super::epoch_numbers::{CoordinatorHandle, EpochNumbers};
use super::in_flight::InFlightWindow;
use super::iter::{MAX_ITER_LOOPS, ResultReader};
use super::prefetch::{Pipeline, PipelineConfig};
use crate::graph::{Epoch, Map, Plan, Tube, Value};
#[cfg(feature = "record")]
use crate::record::{RecordCounts, Recording};
use crate::runner::assets::RunScopedAssets;
use crate::runner::coordinator::EventObservers;
use crate::runner::enablement::{Reconfigure, plan_node_enabled};
use crate::runner::error::log_error;
use crate::runner::inputs::EpochInputs;
use crate::runner::tube_warnings::TubeWarnings;
use crate::runner::watch::report::RunStatus;
use crate::runner::watch::watcher::Watcher;
use crate::runner::{
    EpochResults, EventCallback, RunError, RunLimit, Runner, RunnerHandle, Stopper,
};
use crate::sync::lock;

/// The part of a pipelined runner that knows where nodes are: in this process or in others.
#[expect(
    private_interfaces,
    reason = "a bound of a public type, sealed: the trait is not exported"
)]
pub trait Backend: Sized {
    /// Name of the runner, for `Debug`.
    const NAME: &'static str;

    /// Kind of the runner, for its status.
    const KIND: &'static str;
    /// Whether nodes run in other processes.
    const HAS_PROCESSES: bool;

    /// Returns whether nodes are started.
    fn is_running(&self) -> bool;

    /// Checks that a run that is started can take calls.
    ///
    /// # Errors
    /// The failure that closed the run.
    fn check_open(&self) -> Result<(), RunError> {
        Ok(())
    }

    /// Starts the nodes, and waits until they are ready.
    ///
    /// # Errors
    /// A node that failed to start; then nothing is left of the others.
    fn start(&mut self, run: &RunStart<'_>) -> Result<CoordinatorHandle, RunError>;

    /// Stops the nodes, and gives all callers that wait an error.
    ///
    /// # Errors
    /// The first error of a node; all of them are stopped nevertheless.
    fn stop(&mut self, tube: &Tube) -> Result<(), RunError>;

    /// Enables or disables a node while no epoch is open.
    ///
    /// # Errors
    /// An error of the node. A node that fails to start stays disabled, and one that fails to
    /// stop is disabled.
    fn reconfigure(
        &mut self,
        change: &Reconfigure,
        observers: &EventObservers,
    ) -> Result<(), RunError>;
}

/// Facts that a [`Backend`] starts a run with.
pub(crate) struct RunStart<'a> {
    pub(crate) tube: &'a Arc<Tube>,
    /// Run-scoped assets; none is made yet.
    pub(crate) assets: &'a RunScopedAssets,
    /// Functions to call for each event.
    pub(crate) observers: EventObservers,
    /// The first epoch of the run.
    pub(crate) first_epoch: u32,
    /// Handle that is to show the status of the run.
    pub(crate) watcher: &'a Watcher,
}

/// A runner with several open epochs. [`TaskRunner`](crate::runner::TaskRunner) and
/// [`ZmqRunner`](crate::runner::ZmqRunner) are two of them.
///
/// A drop shuts it down as [`deinit`](Runner::deinit) does: it blocks until the nodes have ended,
/// epochs that are open are given up, and errors go to the log.
pub struct PipelinedRunner<B: Backend> {
    tube: Arc<Tube>,
    pub(crate) backend: B,
    mode: RunMode,
    epoch_numbers: EpochNumbers,
    config: PipelineConfig,
    observers: EventObservers,
    max_iter_loops: u64,
    warnings: TubeWarnings,
    watcher: Watcher,
}

impl<B: Backend> PipelinedRunner<B> {
    /// Returns a runner of this tube; nothing is started yet.
    pub(crate) fn with_backend(tube: Tube, backend: B, window: InFlightWindow) -> Self {
        let pipeline = Pipeline::new(RunScopedAssets::new(&tube, B::HAS_PROCESSES), window);
        let config = PipelineConfig {
            can_run: Plan::new(&tube).can_run(),
            stopper: Stopper::of(pipeline.epoch_numbers().clone()),
        };
        Self {
            epoch_numbers: pipeline.epoch_numbers().clone(),
            mode: RunMode::Called(pipeline),
            watcher: Watcher::new(RunStatus::of(&tube, B::KIND)),
            tube: Arc::new(tube),
            backend,
            config,
            observers: EventObservers::default(),
            max_iter_loops: MAX_ITER_LOOPS,
            warnings: TubeWarnings::default(),
        }
    }

    /// Returns the tube that the runner runs.
    #[must_use]
    pub fn tube(&self) -> &Tube {
        &self.tube
    }

    /// Sets the number of epochs that may be open at once, or be closed and not yet taken by the
    /// reader: 64 by default, 1 for strict lock-step.
    #[must_use]
    pub fn window(mut self, epochs: u32) -> Self {
        self.mode.set_window(|window| window.with_epochs(epochs));
        self
    }

    /// Sets the number of bytes that the events of the epochs in the window may take up, about:
    /// 64 MiB by default.
    ///
    /// Fewer epochs are open where epochs are large, but at least one. The size of an epoch is
    /// estimated from earlier ones: the first that is larger than all before it is let in.
    #[must_use]
    pub fn window_bytes(mut self, bytes: u64) -> Self {
        self.mode.set_window(|window| window.with_bytes(bytes));
        self
    }

    /// Returns a handle that runs single epochs from other threads and tasks, many at once.
    ///
    /// # Errors
    /// [`RunError::SharedAsset`] for a tube whose nodes share assets: its epochs run one after the
    /// other.
    pub fn runner_handle(&self) -> Result<RunnerHandle, RunError> {
        RunnerHandle::new(&self.tube, self.epoch_numbers.clone())
    }

    /// Completes the record of the run, if there is one.
    ///
    /// # Errors
    /// A file that cannot be written.
    fn end_recording(&mut self) -> Result<(), RunError> {
        let recorder = lock(&self.observers).recorder.clone();
        recorder.end(&mut self.tube)
    }

    /// Starts the runner if that was not done, and returns the pipeline.
    fn started(&mut self) -> Result<&mut Pipeline, RunError> {
        self.init()?;
        self.mode.called()
    }
}

/// Exports the spans and metrics of a run that are left.
fn end_tracing(observers: &EventObservers) {
    // Taken out under the lock, and waited for without it.
    let tracer = std::mem::take(&mut lock(observers).tracer);
    tracer.finish();
}

impl<B: Backend> Runner for PipelinedRunner<B> {
    fn init(&mut self) -> Result<(), RunError> {
        crate::default_log::install_default_log();
        self.warnings.log(&self.tube);
        if self.backend.is_running() {
            return self.backend.check_open();
        }
        let pipeline = self.mode.called()?;
        let coordinator = self.backend.start(&RunStart {
            tube: &self.tube,
            assets: pipeline.assets(),
            observers: Arc::clone(&self.observers),
            first_epoch: self.epoch_numbers.next(),
            watcher: &self.watcher,
        });
        let coordinator = coordinator.inspect_err(|_| {
            self.watcher.set_closed();
            end_tracing(&self.observers);
        })?;
        pipeline.start(coordinator).inspect_err(|_| {
            log_error(self.deinit());
        })
    }

    fn process_map(&mut self, inputs: Map) -> Result<Option<Value>, RunError> {
        let inputs = EpochInputs::check(&self.tube, inputs)?;
        self.started()?.process(inputs)
    }

    fn iter_up_to(&mut self, limit: RunLimit) -> Result<EpochResults<'_>, RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        let returns = self.tube.return_node().is_some();
        let mut reader = ResultReader::new(limit.count(), self.max_iter_loops, returns);
        let config = self.config.clone();
        let pipeline = self.started()?;
        Ok(EpochResults::new(std::iter::from_fn(move || {
            pipeline.read(&config, &mut reader)
        })))
    }

    fn run_each_up_to(
        &mut self,
        limit: RunLimit,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        let config = self.config.clone();
        self.started()?.run_each(&config, limit.count(), each)
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
        if !self.backend.is_running() {
            return Ok(());
        }
        let stopped = self.backend.stop(&self.tube);
        self.watcher.set_closed();
        end_tracing(&self.observers);
        let ended = self.mode.end();
        stopped.and(ended).and(self.end_recording())
    }

    fn watcher(&self) -> Watcher {
        self.watcher.clone()
    }

    fn stopper(&self) -> Stopper {
        self.config.stopper.clone()
    }

    fn running(&self) -> bool {
        self.backend.is_running()
    }

    fn set_node_enabled(&mut self, node: &str, enabled: bool) -> Result<(), RunError> {
        let next = self.epoch_numbers.next();
        let Some(mut change) = plan_node_enabled(&self.tube, node, enabled, next)? else {
            return Ok(());
        };
        self.mode.called()?.wait_for_open();
        // From here to the end of the change, handles on other threads open no epoch: nodes would
        // receive events of it by the old plan or the new one.
        let held = self.epoch_numbers.hold()?;
        if self.backend.is_running() {
            self.backend.check_open()?;
        }
        change.first_epoch = self.epoch_numbers.next();
        let changed = self.backend.reconfigure(&change, &self.observers);
        drop(held);
        if changed.is_ok() || !enabled {
            self.config.can_run = Plan::new(&change.tube).can_run();
            self.tube = change.tube;
        }
        changed
    }

    fn add_callback(&mut self, callback: EventCallback) {
        lock(&self.observers).callbacks.push(callback);
    }

    #[cfg(feature = "record")]
    fn record(&mut self, recording: Recording) -> Result<(), RunError> {
        let running = self.backend.is_running();
        let recorder = &mut lock(&self.observers).recorder;
        recorder.start(running, &mut self.tube, &recording)
    }

    #[cfg(feature = "record")]
    fn recorded(&self) -> Option<RecordCounts> {
        lock(&self.observers).recorder.counts()
    }

    fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value> {
        self.mode.called().ok()?.collect_return(epoch)
    }

    fn max_iter_loops(&self) -> u64 {
        self.max_iter_loops
    }

    fn set_max_iter_loops(&mut self, epochs: u64) {
        self.max_iter_loops = epochs;
    }
}

impl<B: Backend> Drop for PipelinedRunner<B> {
    fn drop(&mut self) {
        log_error(self.deinit());
        // A runner that was not started has a record too.
        log_error(self.end_recording());
    }
}

impl<B: Backend> fmt::Debug for PipelinedRunner<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(B::NAME)
            .field("tube", &self.tube.id)
            .field("running", &self.backend.is_running())
            .finish_non_exhaustive()
    }
}

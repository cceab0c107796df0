//! The ZMQ runner: a process for every node, a command node that tells them what to do.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::actor::{Actor, Handle};
use crate::graph::{Epoch, Map, Name, Plan, Supervision, Tube, Value};
use crate::runner::assets::RunScopedAssets;
use crate::runner::coordinator::{Coordinator, EventObservers};
use crate::runner::enablement::with_node_enabled;
use crate::runner::event_ids;
use crate::runner::inputs::EpochInputs;
use crate::runner::pipeline::RunMode;
use crate::runner::pipeline::{CoordinatorHandle, EpochNumbers};
use crate::runner::pipeline::{MAX_ITER_LOOPS, ResultReader};
use crate::runner::pipeline::{Pipeline, PipelineConfig};
use crate::runner::zmq::command::command_node::CommandNode;
use crate::runner::zmq::command::node_table::{NodeStatusReport, NodeTable};
use crate::runner::zmq::supervisor::launch::NODE_ENV;
use crate::runner::zmq::supervisor::reconfigure::Reconfigure;
use crate::runner::zmq::supervisor::task::{
    Make, RunState, RunnerConfig, SupervisorMsg, SupervisorTask,
};
use crate::runner::{
    ClosedReason, EpochResults, EventCallback, RunError, RunLimit, RunReport, Runner, RunnerHandle,
    Stopper,
};
use crate::sync::lock;
use crate::transport::{RuntimeDir, runtime_root};

/// Runs a tube with every node in a process of its own. Dropping it ends all of them.
///
/// ```no_run
/// use noob_zmq::prelude::*;
/// # fn example(tube: Tube) -> Result<(), RunError> {
/// let mut runner = ZmqRunner::new(tube);
/// runner.init()?;
/// let first = runner.process(())?;
/// let more = runner.run(100)?;
/// # Ok(()) }
/// ```
pub struct ZmqRunner<A: Actor = CommandNode> {
    tube: Arc<Tube>,
    settings: RunnerConfig,
    make: Arc<Make<A>>,
    running: Option<ActiveRun<A>>,
    mode: RunMode<CommandLink<A>>,
    epoch_numbers: EpochNumbers<CommandLink<A>>,
    config: PipelineConfig,
    callbacks: EventObservers,
    max_iter_loops: u64,
    /// The account of the last run that was shut down.
    last: RunReport,
}

struct ActiveRun<A> {
    link: CommandLink<A>,
    runner_id: String,
    /// What the runner's thread is asked to do.
    errands: UnboundedSender<SupervisorMsg>,
    quit: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How the command node is reached, and what it shares with the runner.
struct CommandLink<A> {
    handle: Handle<A>,
    shared: Arc<RunState>,
}

impl<A> Clone for CommandLink<A> {
    fn clone(&self) -> Self {
        Self {
            handle: self.handle.clone(),
            shared: Arc::clone(&self.shared),
        }
    }
}

impl ZmqRunner<CommandNode> {
    /// A runner for `tube`, with the command node of this library.
    #[must_use]
    pub fn new(tube: Tube) -> Self {
        Self::with_command(tube, |command, sockets| command.attach(sockets))
    }
}

impl<A> ZmqRunner<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    /// A runner for `tube`, with a command node of one's own: `make` is given ours, and the open sockets of the spec, and makes the actor
    /// that runs. Ours must be given its sockets by [`CommandNode::attach`]. See `examples/custom_runner.rs`.
    pub fn with_command(
        tube: Tube,
        make: impl Fn(CommandNode, A::Sockets) -> A + Send + Sync + 'static,
    ) -> Self {
        let settings = RunnerConfig {
            runtime_dir: runtime_root(),
            ready_timeout: Duration::from_secs(30),
            quit_timeout: Duration::from_secs(2),
            supervision: Supervision::default(),
            #[cfg(feature = "remote")]
            hosts: None,
        };
        let config = PipelineConfig {
            can_run: Plan::new(&tube).can_run(),
            stopper: Stopper::default(),
        };
        let pipeline = Pipeline::new(RunScopedAssets::new(&tube));
        Self {
            epoch_numbers: pipeline.epoch_numbers().clone(),
            mode: RunMode::Called(pipeline),
            tube: Arc::new(tube),
            settings,
            make: Arc::new(make),
            running: None,
            config,
            callbacks: EventObservers::default(),
            max_iter_loops: MAX_ITER_LOOPS,
            last: RunReport::default(),
        }
    }

    /// Has sockets put below another directory than [`runtime_root`]; it must be private, or not there yet.
    #[must_use]
    pub fn runtime_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.settings.runtime_dir = directory.into();
        self
    }

    /// Listens for other hosts, and leaves some nodes to them: `init` waits until they have joined.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn hosts(mut self, hosts: super::RemoteConfig) -> Self {
        self.settings.hosts = Some(hosts);
        self
    }

    /// How long nodes may take to become ready; 30 s if nothing is said.
    #[must_use]
    pub const fn ready_timeout(mut self, timeout: Duration) -> Self {
        self.settings.ready_timeout = timeout;
        self
    }

    /// How long a node may take to shut down before it is killed; 2 s if nothing is said. It is asked by message, then by SIGTERM.
    #[must_use]
    pub const fn quit_timeout(mut self, timeout: Duration) -> Self {
        self.settings.quit_timeout = timeout;
        self
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

    /// The name of the run, once it was started: eight hexadecimal digits.
    #[must_use]
    pub fn runner_id(&self) -> Option<&str> {
        self.running
            .as_ref()
            .map(|running| running.runner_id.as_str())
    }

    /// The nodes and their process ids, once they were started.
    #[must_use]
    pub fn processes(&self) -> Vec<(Name, u32)> {
        self.running
            .as_ref()
            .map(|running| running.link.shared.node_table().processes())
            .unwrap_or_default()
    }

    /// What each node does and has done, in the order of the tube, once they were started. It asks nobody and never waits: nodes say several
    /// times a second how they are.
    #[must_use]
    pub fn status(&self) -> Vec<NodeStatusReport> {
        self.running
            .as_ref()
            .map(|running| running.link.shared.node_table().report(Instant::now()))
            .unwrap_or_default()
    }

    /// The account of what was done since the runner was started, or, if it was shut down, until then.
    #[must_use]
    pub fn report(&self) -> RunReport {
        self.running
            .as_ref()
            .map_or_else(|| self.last.clone(), ActiveRun::report)
    }

    /// What is done about nodes that fail, where the tube does not say it: nothing of a run is repeated or left out if nothing is said.
    #[must_use]
    pub const fn supervision(mut self, defaults: Supervision) -> Self {
        self.settings.supervision = defaults;
        self
    }

    /// The running actor, for those who want to look at it or speak through it.
    #[must_use]
    pub fn handle(&self) -> Option<Handle<A>> {
        self.running
            .as_ref()
            .map(|running| running.link.handle.clone())
    }

    /// What drives the run, and what was asked of it.
    fn started(&mut self) -> Result<&mut Pipeline<CommandLink<A>>, RunError> {
        self.init()?;
        self.mode.called()
    }
}

impl<A> ZmqRunner<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    /// Enables or disables a node, when no epoch is open.
    fn switch(&mut self, id: &str, enabled: bool) -> Result<(), RunError> {
        let Some(tube) = with_node_enabled(&self.tube, id, enabled)? else {
            return Ok(());
        };
        let tube = Arc::new(tube);
        let pipeline = self.mode.called()?;
        let Some(running) = &self.running else {
            self.set_tube(tube);
            return Ok(());
        };
        pipeline.wait_for_open();
        let held = self.epoch_numbers.hold()?;
        running
            .link
            .shared
            .coordinator()
            .closed_reason()
            .map_or(Ok(()), Err)?;
        let (answer, answered) = mpsc::channel();
        let submitted = running
            .errands
            .send(SupervisorMsg::Reconfigure(Reconfigure {
                tube: Arc::clone(&tube),
                node: id.into(),
                enabled,
                first: self.epoch_numbers.next(),
                answer,
            }));
        let answer = submitted.ok().and_then(|()| answered.recv().ok());
        drop(held);
        let gone = || Err(RunError::closed(ClosedReason::ThreadEnded));
        let done = answer.unwrap_or_else(gone);
        if done.is_ok() || !enabled {
            self.set_tube(tube);
        }
        done
    }

    fn set_tube(&mut self, tube: Arc<Tube>) {
        self.config.can_run = Plan::new(&tube).can_run();
        self.tube = tube;
    }
}

impl<A> Runner for ZmqRunner<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    fn init(&mut self) -> Result<(), RunError> {
        if let Some(running) = &self.running {
            return running
                .link
                .shared
                .coordinator()
                .closed_reason()
                .map_or(Ok(()), Err);
        }
        if let Some(node) = std::env::var_os(NODE_ENV) {
            return Err(RunError::NotANode {
                node: node.to_string_lossy().into_owned(),
            });
        }
        let pipeline = self.mode.called()?;
        if let Some(asset) = pipeline.assets().stays() {
            return Err(RunError::LocalAsset {
                asset: asset.id.clone(),
                place: self.tube.at(asset.place),
            });
        }
        #[cfg(feature = "remote")]
        if let Some(hosts) = &self.settings.hosts {
            hosts.check(&self.tube)?;
        }
        let dir = RuntimeDir::create(&self.settings.runtime_dir)?;
        let first_epoch = self.epoch_numbers.next();
        let coordinator = Coordinator::new(
            Arc::clone(&self.tube),
            Arc::clone(&self.callbacks),
            first_epoch,
            event_ids::now,
        )
        .with_remote_nodes();
        let shared = Arc::new(RunState {
            coordinator: Mutex::new(coordinator.with_supervision(self.settings.supervision)),
            node_table: Mutex::new(NodeTable::new(&self.tube)),
        });
        let (tell, told) = mpsc::channel();
        let (quit, quitting) = oneshot::channel();
        let runner_id = dir.runner_id().to_owned();
        let life = SupervisorTask::new(
            Arc::clone(&self.tube),
            self.settings.clone(),
            Arc::clone(&self.make),
            Arc::clone(&shared),
            first_epoch,
            dir,
        );
        let errands = life.report.clone();
        let failed = |error| RunError::thread("the thread of the runner", error);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("noob-zmq")
            .enable_all()
            .build()
            .map_err(failed)?;
        let thread = std::thread::Builder::new()
            .name("noob-zmq-runner".into())
            .spawn(move || {
                runtime.block_on(life.live(&tell, quitting));
                runtime.shutdown_timeout(Duration::from_millis(200));
            })
            .map_err(failed)?;
        match told.recv() {
            Ok(Ok(handle)) => {
                let link = CommandLink { handle, shared };
                self.running = Some(ActiveRun {
                    link: link.clone(),
                    runner_id,
                    errands,
                    quit: Some(quit),
                    thread: Some(thread),
                });
                self.mode.called()?.start(link).inspect_err(|_| {
                    let _ = self.end();
                })
            }
            Ok(Err(error)) => {
                let _ = thread.join();
                self.last = shared.coordinator().report().clone();
                Err(error)
            }
            Err(_) => {
                let _ = thread.join();
                Err(RunError::closed(ClosedReason::ThreadEnded))
            }
        }
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
        self.end()
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

impl<A> CoordinatorHandle for CommandLink<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    fn submit(
        &self,
        action: impl FnOnce(&mut Coordinator) + Send + 'static,
    ) -> Result<(), RunError> {
        let shared = Arc::clone(&self.shared);
        self.handle
            .tell(move |actor| shared.drive(actor.as_mut(), action))
            .map_err(|error| RunError::closed(ClosedReason::ActorStopped(Some(error.to_string()))))
    }
}

impl<A> ActiveRun<A> {
    fn report(&self) -> RunReport {
        let mut report = self.link.shared.coordinator().report().clone();
        let node_table = self.link.shared.node_table();
        report.dropped_by(node_table.dropped());
        report.rejected = node_table.refused();
        drop(node_table);
        report
    }
}

impl<A: Actor> ZmqRunner<A> {
    fn end(&mut self) -> Result<(), RunError> {
        let Some(mut running) = self.running.take() else {
            return Ok(());
        };
        drop(running.quit.take());
        if let Some(thread) = running.thread.take() {
            let _ = thread.join();
        }
        self.last = running.report();
        let left = running.link.shared.coordinator().take_shutdown_error();
        left.and(self.mode.end())
    }
}

impl<A: Actor> Drop for ZmqRunner<A> {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!("{error}");
        }
    }
}

impl<A: Actor> fmt::Debug for ZmqRunner<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZmqRunner")
            .field("tube", &self.tube.id)
            .field("running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}

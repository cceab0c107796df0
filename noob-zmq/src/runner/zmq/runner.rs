//! [`ZmqRunner`]: a pipelined runner whose nodes have processes of their own.
//!
//! The caller's side of a run is [`PipelinedRunner`]; this file starts and stops the thread of the
//! supervisor, and passes changes of nodes on to it.

use std::path::Path;
use std::sync::{Arc, MutexGuard, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::builder::ZmqRunnerBuilder;
use super::command::CommandNode;
use super::command::node_table::NodeTable;
use super::config::{MakeCommand, RunnerConfig};
use super::node::serves_node;
use super::run_state::RunState;
use super::sockets::check_directory_of_run;
use super::supervisor::launch::NODE_ENV;
use super::supervisor::task::{SupervisorMsg, SupervisorTask};
use crate::actor::{self, Actor, Handle, Wraps};
use crate::descriptors;
use crate::graph::{Name, Tube};
use crate::runner::coordinator::{Coordinator, EventObservers};
use crate::runner::enablement::Reconfigure;
use crate::runner::pipeline::{Backend, CoordinatorHandle, PipelinedRunner, RunStart};
use crate::runner::tracer::Tracer;
use crate::runner::watch::server::WatchServer;
use crate::runner::{ClosedReason, RunError, RunReport};
use crate::sync::lock;
use crate::transport::RuntimeDir;

/// Number of descriptors that a run needs in the process of its runner, besides those of nodes: of
/// runtimes, directories and sockets that listen.
const DESCRIPTORS: u64 = 24;
/// Number of descriptors that a node needs there: of two pipes, its process and three connections,
/// and one more while its process is started.
const DESCRIPTORS_PER_NODE: u64 = 7;

/// Runs a tube with every node in a process of its own.
///
/// The processes are started by [`init`](crate::runner::Runner::init), or by the first run, and
/// live until [`deinit`](crate::runner::Runner::deinit) or until the runner is dropped.
///
/// # Drop
/// A drop blocks as `deinit` does: until every process has ended, for the
/// [`quit_timeout`](ZmqRunnerBuilder::quit_timeout) (2 s by default) and a little more at most,
/// after which processes are killed. Open epochs are abandoned, and results that were not taken are
/// lost. An error of the shutdown goes to the log; call `deinit` to get it.
///
/// # Examples
/// ```no_run
/// use noob_zmq::prelude::*;
/// # fn example(tube: Tube) -> Result<(), RunError> {
/// let mut runner = ZmqRunner::new(tube);
/// runner.init()?;
/// let first = runner.process(())?;
/// let more = runner.run(100)?;
/// # Ok(()) }
/// ```
pub type ZmqRunner<A = CommandNode> = PipelinedRunner<ZmqBackend<A>>;

/// Checks that the limits of the operating system allow a run of `tube` with its sockets below
/// `directory`, in a process that opens so many further descriptors before.
///
/// # Errors
/// [`RunError::Descriptors`]; a directory whose path is too long.
pub(crate) fn check_limits(tube: &Tube, directory: &Path, before: u64) -> Result<(), RunError> {
    check_directory_of_run(directory, tube)?;
    let nodes = tube.nodes.values().filter(|node| node.enabled).count() as u64;
    descriptors::reserve(before + DESCRIPTORS + DESCRIPTORS_PER_NODE * nodes)
}

/// Processes of a [`ZmqRunner`].
pub struct ZmqBackend<A: Actor = CommandNode> {
    pub(super) config: RunnerConfig,
    pub(super) make: Arc<MakeCommand<A>>,
    /// Set from `init` to `deinit`.
    pub(super) running: Option<ActiveRun<A>>,
    /// Report of the last run that was shut down.
    pub(super) last_report: RunReport,
}

/// Thread of a run, and the ways to it.
pub(super) struct ActiveRun<A> {
    handle: Handle<A>,
    /// Socket by which other processes watch the run.
    server: Option<WatchServer>,
    state: Arc<RunState>,
    runner_id: String,
    supervisor: UnboundedSender<SupervisorMsg>,
    /// Dropped to have the supervisor end the run.
    quit: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl ZmqRunner<CommandNode> {
    /// Returns a runner for `tube` with default settings; starts nothing.
    #[must_use]
    pub fn new(tube: Tube) -> Self {
        Self::builder(tube).build()
    }

    /// Returns a builder of a runner for `tube`.
    pub fn builder(tube: Tube) -> ZmqRunnerBuilder {
        ZmqRunnerBuilder::new(tube)
    }
}

impl<A> ZmqRunner<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    /// Returns a runner with a command node of the caller; short for
    /// [`ZmqRunnerBuilder::command`] with default settings.
    pub fn with_command(
        tube: Tube,
        make: impl Fn(CommandNode, A::Sockets) -> A + Send + Sync + 'static,
    ) -> Self {
        ZmqRunnerBuilder::new(tube).command::<A>(make).build()
    }

    /// Returns the name of the run, once it was started: eight hexadecimal digits.
    #[must_use]
    pub fn runner_id(&self) -> Option<&str> {
        Some(&self.backend.running.as_ref()?.runner_id)
    }

    /// Returns the nodes and their process ids, once they were started.
    #[must_use]
    pub fn processes(&self) -> Vec<(Name, u32)> {
        let table = self.node_table();
        table.map(|table| table.processes()).unwrap_or_default()
    }

    /// Returns the report of the run since it was started, or of the last run that was shut down.
    #[must_use]
    pub fn report(&self) -> RunReport {
        let running = self.backend.running.as_ref();
        running.map_or_else(
            || self.backend.last_report.clone(),
            |running| report(&running.state),
        )
    }

    /// Returns the handle of the command actor of the run, to inspect it or send through it.
    #[must_use]
    pub fn handle(&self) -> Option<Handle<A>> {
        Some(self.backend.running.as_ref()?.handle.clone())
    }

    fn node_table(&self) -> Option<MutexGuard<'_, NodeTable>> {
        Some(self.backend.running.as_ref()?.state.node_table())
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: it is not exported")]
impl<A> Backend for ZmqBackend<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    const NAME: &'static str = "ZmqRunner";
    const KIND: &'static str = "zmq";
    const HAS_PROCESSES: bool = true;

    fn is_running(&self) -> bool {
        self.running.is_some()
    }

    fn check_open(&self) -> Result<(), RunError> {
        let reason = self.running.as_ref().and_then(|running| {
            let mut coordinator = running.state.coordinator();
            coordinator.closed_reason()
        });
        reason.map_or(Ok(()), Err)
    }

    fn start(&mut self, run: &RunStart<'_>) -> Result<CoordinatorHandle, RunError> {
        if let Some(node) = std::env::var_os(NODE_ENV)
            && !serves_node()
        {
            return Err(RunError::NotANode {
                node: node.to_string_lossy().into_owned(),
            });
        }
        if let Some(asset) = run.assets.first_local() {
            return Err(RunError::LocalAsset {
                asset: asset.id.clone(),
                place: run.tube.at(asset.place),
            });
        }
        let config = self.config.with_placement(run.tube)?;
        #[cfg(feature = "remote")]
        if let Some(remote) = &config.remote {
            remote.check(run.tube)?;
        }
        let groups = config.node_groups(run.tube)?;
        check_limits(run.tube, &self.config.runtime_dir, 0)?;
        let dir = RuntimeDir::create(&self.config.runtime_dir)?;
        let tracer = Tracer::of_run(run.tube, Some(dir.runner_id()), run.watcher);
        lock(&run.observers).tracer = tracer;
        let config = config.at_start();
        let coordinator = Coordinator::new(
            Arc::clone(run.tube),
            Arc::clone(&run.observers),
            run.first_epoch,
            actor::now,
        )
        .with_remote_nodes()
        .with_all_events(self.config.own_command)
        .with_foreign_nodes(config.foreign.clone())
        .with_supervision(self.config.supervision);
        let state = Arc::new(RunState::new(
            coordinator,
            NodeTable::new(run.tube),
            run.watcher,
        ));
        // A run that cannot be watched from outside is a run nevertheless.
        let server = WatchServer::open(dir.path(), run.watcher.clone(), Arc::clone(run.tube));
        let server = server.inspect_err(|error| {
            tracing::warn!(%error, "other processes cannot watch this run");
        });
        let (started, outcome) = mpsc::channel();
        let (quit, quitting) = oneshot::channel();
        let runner_id = dir.runner_id().to_owned();
        let (shown, run_name) = (Arc::clone(&state), runner_id.clone());
        run.watcher.set_live(move || shown.status(&run_name));
        let task = SupervisorTask::new(
            Arc::clone(run.tube),
            (config, groups),
            Arc::clone(&self.make),
            Arc::clone(&state),
            run.first_epoch,
            dir,
        );
        let supervisor = task.messages();
        let failed = |error| RunError::thread("the thread of the runner", error);
        // Two workers: a callback of the user that computes must not stop the supervision.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("noob-zmq")
            .enable_all()
            .build()
            .map_err(failed)?;
        // The runtime lives on a thread of its own: callers may be in a runtime themselves, where
        // neither `block_on` nor a drop of a runtime is allowed.
        let thread = std::thread::Builder::new()
            .name("noob-zmq-runner".into())
            .spawn(move || {
                runtime.block_on(task.run(&started, quitting));
                runtime.shutdown_timeout(Duration::from_millis(200));
            })
            .map_err(failed)?;
        match outcome.recv() {
            Ok(Ok(handle)) => {
                let actor = handle.clone();
                run.watcher.taps().connect(move |signals| {
                    let _ = actor.tell(|actor| actor.as_mut().sample(signals));
                });
                self.running = Some(ActiveRun {
                    server: server.ok(),
                    handle: handle.clone(),
                    state: Arc::clone(&state),
                    runner_id,
                    supervisor,
                    quit,
                    thread,
                });
                Ok(Box::new(move |call| {
                    let state = Arc::clone(&state);
                    let told = handle.tell(move |actor| state.drive(actor.as_mut(), call));
                    told.map_err(|error| {
                        RunError::closed(ClosedReason::ActorStopped(Some(error.to_string())))
                    })
                }))
            }
            Ok(Err(error)) => {
                let _ = thread.join();
                self.last_report = state.coordinator().report().clone();
                Err(error)
            }
            Err(_) => {
                let _ = thread.join();
                Err(RunError::closed(ClosedReason::ThreadEnded))
            }
        }
    }

    fn stop(&mut self, _tube: &Tube) -> Result<(), RunError> {
        let Some(running) = self.running.take() else {
            return Ok(());
        };
        // The supervisor sees the closed channel and ends; the join waits until all processes of
        // the run are gone.
        drop(running.server);
        drop(running.quit);
        let _ = running.thread.join();
        self.last_report = report(&running.state);
        let mut coordinator = running.state.coordinator();
        coordinator.take_shutdown_error()
    }

    fn reconfigure(
        &mut self,
        change: &Reconfigure,
        _observers: &EventObservers,
    ) -> Result<(), RunError> {
        let Some(running) = &self.running else {
            return Ok(());
        };
        let (answer, answered) = mpsc::channel();
        let message = SupervisorMsg::Reconfigure(change.clone(), answer);
        let sent = running.supervisor.send(message);
        let answer = sent.ok().and_then(|()| answered.recv().ok());
        answer.unwrap_or_else(|| Err(RunError::closed(ClosedReason::ThreadEnded)))
    }
}

/// Returns the account of a run so far.
fn report(state: &RunState) -> RunReport {
    let coordinator = state.coordinator();
    let mut report = coordinator.report().clone();
    report.unrecorded = coordinator.unrecorded_epochs();
    drop(coordinator);
    let node_table = state.node_table();
    report.dropped = node_table.dropped();
    report.rejected = node_table.rejected();
    drop(node_table);
    report
}

//! The ZMQ runner: a process for every node, a command node that tells them what to do.

use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::actor::{Actor, Handle};
use crate::graph::{Name, Supervision, Tube};
use crate::runner::coordinator::Coordinator;
use crate::runner::event_ids;
use crate::runner::pipeline::{Backend, CoordinatorHandle, NodeChange, PipelinedRunner, RunStart};
use crate::runner::zmq::command::command_node::CommandNode;
use crate::runner::zmq::command::node_table::{NodeStatusReport, NodeTable};
use crate::runner::zmq::supervisor::launch::NODE_ENV;
use crate::runner::zmq::supervisor::reconfigure::Reconfigure;
use crate::runner::zmq::supervisor::task::{
    Make, RunState, RunnerConfig, SupervisorMsg, SupervisorTask,
};
use crate::runner::{ClosedReason, RunError, RunReport};
use crate::transport::{RuntimeDir, runtime_root};

/// Runs a tube with every node in a process of its own.
///
/// A drop ends the processes, as [`deinit`](crate::runner::Runner::deinit) does. It blocks until
/// they are gone, for [`quit_timeout`](Self::quit_timeout) and a little more at most; epochs that
/// are open are given up, and errors of the shutdown go to the log.
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
pub type ZmqRunner<A = CommandNode> = PipelinedRunner<ZmqBackend<A>>;

/// Processes of a [`ZmqRunner`].
pub struct ZmqBackend<A: Actor = CommandNode> {
    settings: RunnerConfig,
    make: Arc<Make<A>>,
    /// Set from `init` to `deinit`.
    running: Option<ActiveRun<A>>,
    /// Report of the last run that was shut down.
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
pub struct CommandLink<A> {
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
        let backend = ZmqBackend {
            settings,
            make: Arc::new(make),
            running: None,
            last: RunReport::default(),
        };
        Self::with_backend(tube, backend)
    }

    /// Has sockets put below another directory than [`runtime_root`]; it must be private, or not there yet.
    #[must_use]
    pub fn runtime_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.backend.settings.runtime_dir = directory.into();
        self
    }

    /// Listens for other hosts, and leaves some nodes to them: `init` waits until they have joined.
    #[cfg(feature = "remote")]
    #[must_use]
    pub fn hosts(mut self, hosts: super::RemoteConfig) -> Self {
        self.backend.settings.hosts = Some(hosts);
        self
    }

    /// How long nodes may take to become ready; 30 s if nothing is said.
    #[must_use]
    pub const fn ready_timeout(mut self, timeout: Duration) -> Self {
        self.backend.settings.ready_timeout = timeout;
        self
    }

    /// How long a node may take to shut down before it is killed; 2 s if nothing is said. It is asked by message, then by SIGTERM.
    #[must_use]
    pub const fn quit_timeout(mut self, timeout: Duration) -> Self {
        self.backend.settings.quit_timeout = timeout;
        self
    }

    /// The name of the run, once it was started: eight hexadecimal digits.
    #[must_use]
    pub fn runner_id(&self) -> Option<&str> {
        self.backend
            .running
            .as_ref()
            .map(|running| running.runner_id.as_str())
    }

    /// The nodes and their process ids, once they were started.
    #[must_use]
    pub fn processes(&self) -> Vec<(Name, u32)> {
        self.backend
            .running
            .as_ref()
            .map(|running| running.link.shared.node_table().processes())
            .unwrap_or_default()
    }

    /// What each node does and has done, in the order of the tube, once they were started. It asks nobody and never waits: nodes say several
    /// times a second how they are.
    #[must_use]
    pub fn status(&self) -> Vec<NodeStatusReport> {
        self.backend
            .running
            .as_ref()
            .map(|running| running.link.shared.node_table().report(Instant::now()))
            .unwrap_or_default()
    }

    /// The account of what was done since the runner was started, or, if it was shut down, until then.
    #[must_use]
    pub fn report(&self) -> RunReport {
        self.backend
            .running
            .as_ref()
            .map_or_else(|| self.backend.last.clone(), ActiveRun::report)
    }

    /// What is done about nodes that fail, where the tube does not say it: nothing of a run is repeated or left out if nothing is said.
    #[must_use]
    pub const fn supervision(mut self, defaults: Supervision) -> Self {
        self.backend.settings.supervision = defaults;
        self
    }

    /// The running actor, for those who want to look at it or speak through it.
    #[must_use]
    pub fn handle(&self) -> Option<Handle<A>> {
        self.backend
            .running
            .as_ref()
            .map(|running| running.link.handle.clone())
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: it is not exported")]
impl<A> Backend for ZmqBackend<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    type Coordinator = CommandLink<A>;

    const NAME: &'static str = "ZmqRunner";

    fn is_running(&self) -> bool {
        self.running.is_some()
    }

    fn check_open(&self) -> Result<(), RunError> {
        let reason = self.running.as_ref().and_then(|running| {
            let mut coordinator = running.link.shared.coordinator();
            coordinator.closed_reason()
        });
        reason.map_or(Ok(()), Err)
    }

    fn start(&mut self, run: &RunStart<'_>) -> Result<CommandLink<A>, RunError> {
        if let Some(node) = std::env::var_os(NODE_ENV) {
            return Err(RunError::NotANode {
                node: node.to_string_lossy().into_owned(),
            });
        }
        if let Some(asset) = run.assets.stays() {
            return Err(RunError::LocalAsset {
                asset: asset.id.clone(),
                place: run.tube.at(asset.place),
            });
        }
        #[cfg(feature = "remote")]
        if let Some(hosts) = &self.settings.hosts {
            hosts.check(run.tube)?;
        }
        let dir = RuntimeDir::create(&self.settings.runtime_dir)?;
        let coordinator = Coordinator::new(
            Arc::clone(run.tube),
            Arc::clone(&run.observers),
            run.first_epoch,
            event_ids::now,
        )
        .with_remote_nodes();
        let shared = Arc::new(RunState {
            coordinator: Mutex::new(coordinator.with_supervision(self.settings.supervision)),
            node_table: Mutex::new(NodeTable::new(run.tube)),
        });
        let (tell, told) = mpsc::channel();
        let (quit, quitting) = oneshot::channel();
        let runner_id = dir.runner_id().to_owned();
        let life = SupervisorTask::new(
            Arc::clone(run.tube),
            self.settings.clone(),
            Arc::clone(&self.make),
            Arc::clone(&shared),
            run.first_epoch,
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
                Ok(link)
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

    fn stop(&mut self, _tube: &Tube) -> Result<(), RunError> {
        let Some(mut running) = self.running.take() else {
            return Ok(());
        };
        // The supervisor sees the closed channel and ends; the join waits until all processes of
        // the run are gone.
        drop(running.quit.take());
        if let Some(thread) = running.thread.take() {
            let _ = thread.join();
        }
        self.last = running.report();
        let mut coordinator = running.link.shared.coordinator();
        coordinator.take_shutdown_error()
    }

    fn set_node_enabled(&mut self, change: &NodeChange<'_>) -> Result<(), RunError> {
        let Some(running) = &self.running else {
            return Ok(());
        };
        let (answer, answered) = mpsc::channel();
        let request = SupervisorMsg::Reconfigure(Reconfigure {
            tube: Arc::clone(change.tube),
            node: change.node.into(),
            enabled: change.enabled,
            first: change.first_epoch,
            answer,
        });
        let submitted = running.errands.send(request);
        let answer = submitted.ok().and_then(|()| answered.recv().ok());
        answer.unwrap_or_else(|| Err(RunError::closed(ClosedReason::ThreadEnded)))
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

//! What lives on the runner's thread, from `init` to `deinit`: the command node and the node processes. `life_watch` sees what becomes of these.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::actor::{Actor, ActorError, ActorLoop, Handle, Scope, Sockets};
use crate::graph::{Epoch, Name, Supervision, Tube};
use crate::runner::coordinator::Coordinator;
use crate::runner::zmq::command::command_node::{Callback, CommandNode, RouterMessage};
use crate::runner::zmq::command::node_table::NodeTable;
use crate::runner::zmq::remote::peers::PeerDirectory;
#[cfg(feature = "remote")]
use crate::runner::zmq::remote::{JoinRequest, RemoteConfig, RunnerListener};
use crate::runner::zmq::sockets::NodeSockets;
use crate::runner::zmq::supervisor::child::{Child, ExitReason, ShutdownOutcome};
use crate::runner::zmq::supervisor::launch::Launch;
use crate::runner::zmq::supervisor::reconfigure::{Reconfigure, Rollback, hosted};
use crate::runner::zmq::supervisor::restart_policy::RestartPolicy;
use crate::runner::zmq::supervisor::stall_detector::StallDetector;
use crate::runner::{ClosedReason, NodeDeath, RunError};
use crate::sync::lock;
use crate::transport::{Protocol, RuntimeDir};

/// How often the processes are looked at.
const LOOK: Duration = Duration::from_millis(150);

/// For so long it is waited for what a node said last, or wrote, when its process has ended already.
const LAST_WORD: Duration = Duration::from_millis(500);

pub(crate) type Make<A> = dyn Fn(CommandNode, <A as Actor>::Sockets) -> A + Send + Sync;

/// What a runner was told before it was started.
#[derive(Debug, Clone)]
pub(crate) struct RunnerConfig {
    pub(crate) runtime_dir: PathBuf,
    pub(crate) ready_timeout: Duration,
    pub(crate) quit_timeout: Duration,
    pub(crate) supervision: Supervision,
    /// Other hosts, and what is left to them.
    #[cfg(feature = "remote")]
    pub(crate) hosts: Option<RemoteConfig>,
}

/// What the runner's thread, the command node and the caller share.
pub(crate) struct RunState {
    pub(crate) coordinator: Mutex<Coordinator>,
    pub(crate) node_table: Mutex<NodeTable>,
}

impl RunState {
    pub(crate) fn coordinator(&self) -> MutexGuard<'_, Coordinator> {
        lock(&self.coordinator)
    }

    pub(crate) fn node_table(&self) -> MutexGuard<'_, NodeTable> {
        lock(&self.node_table)
    }
}

/// Something that happened to a node process.
pub(crate) enum SupervisorMsg {
    Ended {
        node: Name,
        exit: ExitReason,
        stderr: Vec<String>,
    },
    /// Its call takes longer than its `timeout` allows.
    Overran { node: Name, epoch: Option<Epoch> },
    /// The pause before it is started again is over.
    Respawn { node: Name },
    /// A node is to be enabled or disabled.
    Reconfigure(Reconfigure),
    /// It could not be enabled.
    Rollback(Rollback),
    /// Somebody asks to host it.
    #[cfg(feature = "remote")]
    Asked(JoinRequest),
    /// It was to be hosted elsewhere, and cannot be there.
    #[cfg(feature = "remote")]
    Unfit { node: Name, why: String },
    /// Whoever was to host it is gone before they have joined.
    #[cfg(feature = "remote")]
    Gone {
        node: Name,
        peer: std::net::SocketAddr,
    },
}

/// What lives on the runner's thread, from `init` to `deinit`.
pub(crate) struct SupervisorTask<A: Actor> {
    pub(crate) tube: Arc<Tube>,
    pub(crate) settings: RunnerConfig,
    make: Arc<Make<A>>,
    pub(crate) shared: Arc<RunState>,
    pub(crate) first_epoch: u32,
    pub(crate) dir: RuntimeDir,
    pub(crate) children: HashMap<Name, Child>,
    pub(crate) supervisor: RestartPolicy,
    pub(crate) report: UnboundedSender<SupervisorMsg>,
    incidents: UnboundedReceiver<SupervisorMsg>,
    /// Why processes were killed by us.
    pub(crate) killed: HashMap<Name, String>,
    /// How many times in a row processes were found stopped.
    pub(crate) stopped: HashMap<Name, u32>,
    /// What was seen of processes that say nothing.
    pub(crate) pulses: StallDetector,
    /// Processes that were started again and have not reported, and since when.
    pub(crate) awaited: HashMap<Name, Instant>,
    /// What is undone when the process that was started for it has ended.
    pub(crate) undoing: Option<Rollback>,
    /// What listens for other hosts.
    #[cfg(feature = "remote")]
    pub(crate) opened: Option<RunnerListener>,
}

/// What `init` is told: the handle, or why there is none.
pub(crate) type Started<A> = Result<Handle<A>, RunError>;

impl<A> SupervisorTask<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    pub(crate) fn new(
        tube: Arc<Tube>,
        settings: RunnerConfig,
        make: Arc<Make<A>>,
        shared: Arc<RunState>,
        first_epoch: u32,
        dir: RuntimeDir,
    ) -> Self {
        let (report, incidents) = unbounded_channel();
        Self {
            supervisor: RestartPolicy::new(&tube, settings.supervision),
            tube,
            settings,
            make,
            shared,
            first_epoch,
            dir,
            children: HashMap::new(),
            report,
            incidents,
            killed: HashMap::new(),
            stopped: HashMap::new(),
            pulses: StallDetector::default(),
            awaited: HashMap::new(),
            undoing: None,
            #[cfg(feature = "remote")]
            opened: None,
        }
    }

    /// Starts all, says so (or why not), takes care of it until `quit` is dropped, and ends all.
    pub(crate) async fn live(
        mut self,
        tell: &mpsc::Sender<Started<A>>,
        mut quit: oneshot::Receiver<()>,
    ) {
        let actor = match self.open().await {
            Ok(actor) => actor,
            Err(error) => {
                let _ = tell.send(Err(error));
                return;
            }
        };
        let handle = actor.handle();
        let mut acting = tokio::spawn(actor.run());
        if let Err(error) = self.start(&handle, &mut quit).await {
            let _ = tell.send(Err(error));
        } else if tell.send(Ok(handle.clone())).is_ok() {
            tokio::select! {
                _ = &mut quit => {}
                () = self.supervise(&handle) => {}
                // It does not end by itself but by a fault: a handler that panics. Whoever waits for an answer gets this one.
                ended = &mut acting => {
                    let why = ended.err().map_or_else(|| "it was stopped".to_owned(), |error| error.to_string());
                    self.shared.coordinator().fail_run(RunError::closed(ClosedReason::ActorStopped(Some(why.to_string()))));
                    // Nobody answers any more.
                    self.incidents.close();
                    while self.incidents.try_recv().is_ok() {}
                    let _ = quit.await;
                }
            }
        }
        self.end(&handle).await;
        handle.stop();
        if !acting.is_finished() {
            let _ = acting.await;
        }
        #[cfg(feature = "remote")]
        self.tell_refused();
        drop(self.dir);
    }

    fn command(&self) -> Result<CommandNode, RunError> {
        let command = CommandNode::new(self.dir.runner_id(), Protocol::Ipc, None)?
            .in_directory(self.dir.root());
        Ok(command.beside(self.neighbours()))
    }

    /// What the command node knows of other hosts.
    fn neighbours(&self) -> PeerDirectory {
        #[cfg(feature = "remote")]
        if let Some(opened) = &self.opened {
            return opened.neighbours.clone();
        }
        PeerDirectory::default()
    }

    async fn open(&mut self) -> Result<ActorLoop<A>, RunError> {
        #[cfg(feature = "remote")]
        self.listen().await?;
        let command = self.command()?;
        let scope: Scope = command.scope().clone();
        let opener = (self.neighbours()).opener(<A::Sockets as Sockets>::SPEC, scope);
        let make = Arc::clone(&self.make);
        let (shared, report) = (Arc::clone(&self.shared), self.report.clone());
        let opened = ActorLoop::open_with(opener, move |sockets| {
            let mut actor = make(command, sockets);
            let command = actor.as_mut();
            let hearing = Arc::clone(&shared);
            command.add_callback(Callback::inbox(move |command, events| {
                hearing.drive(command, |coordinator| coordinator.on_events(&events.0));
            }));
            let joined = Arc::clone(&shared);
            command.add_callback(Callback::joined(move |command| {
                joined.drive(command, Coordinator::on_node_joined);
            }));
            command.add_callback(Callback::router(move |command, said| {
                reported(&shared, &report, command, said);
            }));
            actor
        });
        let opened = opened.await.map_err(|error| match error {
            ActorError::Transport(error) => RunError::Transport(error),
            error => RunError::Actor {
                reason: error.to_string(),
            },
        })?;
        self.shared.node_table().count(opened.reject_counters());
        Ok(opened)
    }

    /// Starts a process for every node, and waits until all are ready.
    async fn start(
        &mut self,
        handle: &Handle<A>,
        quit: &mut oneshot::Receiver<()>,
    ) -> Result<(), RunError> {
        let (failed, failing) = oneshot::channel();
        self.shared.coordinator().watch_startup(failed);
        let nodes = hosted(&self.tube);
        for node in &nodes {
            if !self.is_elsewhere(node) {
                self.spawn(node).await?;
            }
        }
        let ready = CommandNode::await_ready(handle, nodes, self.settings.ready_timeout);
        tokio::select! {
            ready = ready => ready.map_err(|error| self.missing(error))?,
            Ok(error) = failing => return Err(error),
            () = self.supervise(handle) => {}
            _ = quit => return Err(RunError::closed(ClosedReason::ShutDownInStart)),
        }
        self.shared.coordinator().set_ready();
        Ok(())
    }

    /// Starts the process of a node.
    pub(crate) async fn spawn(&mut self, node: &Name) -> Result<(), RunError> {
        let type_name = self.tube.nodes.get(node).map(|node| node.type_name.clone());
        let launch = self.launch(node)?;
        let report = self.report.clone();
        let ended = {
            let node = node.clone();
            move |exit, stderr| {
                let _ = report.send(SupervisorMsg::Ended { node, exit, stderr });
            }
        };
        let child = Child::start(&launch, &type_name.unwrap_or_default(), ended).await?;
        self.shared.node_table().started(node, child.pid());
        self.children.insert(node.clone(), child);
        Ok(())
    }

    /// What a node is told at its start.
    pub(crate) fn launch(&self, node: &Name) -> Result<Launch, RunError> {
        let command = self.command()?;
        Ok(Launch {
            version: env!("CARGO_PKG_VERSION").into(),
            node_id: node.to_string(),
            runner_id: self.dir.runner_id().into(),
            runtime_dir: self.dir.root().to_owned(),
            command_outbox: command.pub_address()?.to_string(),
            command_router: command.router_address()?.to_string(),
            first_epoch: self.first_epoch,
            incarnation: self.shared.coordinator().restart_count(node),
            supervision: self.settings.supervision,
            enabled: {
                let nodes = self.tube.nodes.values();
                nodes
                    .map(|node| (node.id.to_string(), node.enabled))
                    .collect()
            },
            recipe: (*self.tube.recipe).clone(),
            hosts: self.has_hosts(),
        })
    }

    /// Takes care of the node processes. Never ends.
    async fn supervise(&mut self, handle: &Handle<A>) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(incident) = self.incidents.recv() => match incident {
                    SupervisorMsg::Ended { node, exit, stderr } => self.ended(handle, node, exit, stderr),
                    SupervisorMsg::Overran { node, epoch } => self.overran(handle, &node, epoch),
                    SupervisorMsg::Respawn { node } => self.respawn(&node).await,
                    SupervisorMsg::Reconfigure(switch) => self.switch(handle, switch).await,
                    SupervisorMsg::Rollback(undo) => self.undo(handle, undo),
                    #[cfg(feature = "remote")]
                    SupervisorMsg::Asked(asks) => self.asked(asks),
                    #[cfg(feature = "remote")]
                    SupervisorMsg::Unfit { node, why } => {
                        self.children.remove(&node);
                        self.shared.coordinator().fail_run(RunError::Start { node, why });
                    }
                    #[cfg(feature = "remote")]
                    SupervisorMsg::Gone { node, peer } => self.gone(&node, peer),
                },
                _ = look.tick() => {
                    self.look();
                    #[cfg(feature = "remote")]
                    self.count_strangers();
                    let shared = Arc::clone(&self.shared);
                    let _ = handle.tell(move |actor| shared.drive(actor.as_mut(), Coordinator::send_epochs_ended));
                }
            }
        }
    }

    /// Removes the socket file of the process that a node had before.
    pub(crate) fn clear_away(&self, node: &Name) {
        let scope = Scope {
            runtime_dir: self.dir.root().to_owned(),
            runner_id: self.dir.runner_id().to_owned(),
            id: node.to_string(),
        };
        let _ = std::fs::remove_file(NodeSockets::OUTBOX.path(&scope));
    }

    async fn end(&mut self, handle: &Handle<A>) {
        self.shared.coordinator().close();
        let _ = handle.tell(|actor| {
            let _ = actor.as_mut().deinit();
        });
        let patience = self.settings.quit_timeout * 2 / 3;
        let mut ending = tokio::task::JoinSet::new();
        for (node, mut child) in self.children.drain() {
            ending.spawn(async move { (node, child.end(patience).await) });
        }
        let mut bad = Vec::new();
        while let Some(Ok((node, farewell))) = ending.join_next().await {
            match farewell {
                ShutdownOutcome::ExitReason(exit) if !exit.is_failure() => {}
                ShutdownOutcome::ExitReason(exit) => {
                    bad.push((node, exit.to_string(), exit.spoke()))
                }
                ShutdownOutcome::Killed => {
                    let patience = self.settings.quit_timeout;
                    let how = format!(
                        "did not end within {patience:?} after it was told to, and was killed"
                    );
                    bad.push((node, how, false));
                }
            }
        }
        let mut words = HashMap::new();
        for (node, how, spoke) in bad {
            while !words.contains_key(&node) {
                let incident = tokio::time::timeout(LAST_WORD, self.incidents.recv()).await;
                match incident {
                    Ok(Some(SupervisorMsg::Ended { node, stderr, .. })) => {
                        words.insert(node, stderr);
                    }
                    Ok(Some(_)) => {}
                    _ => break,
                }
            }
            let said = Instant::now();
            while spoke
                && !self.shared.coordinator().has_shutdown_error(&node)
                && said.elapsed() < LAST_WORD
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let mut coordinator = self.shared.coordinator();
            if coordinator.has_shutdown_error(&node) {
                continue;
            }
            let death = NodeDeath {
                place: coordinator.place(&node),
                stderr: words.remove(&node).unwrap_or_default(),
                node,
                how,
                epoch: None,
                open: (0, 0),
                ready: coordinator.is_ready(),
                not_restarted: None,
            };
            coordinator.record_shutdown_error(RunError::Died(Box::new(death)));
        }
    }
}

/// Without other hosts.
#[cfg(not(feature = "remote"))]
impl<A: Actor> SupervisorTask<A> {
    const fn has_hosts(&self) -> bool {
        false
    }

    pub(crate) const fn is_elsewhere(&self, _node: &Name) -> bool {
        false
    }

    pub(crate) fn missing(&self, error: RunError) -> RunError {
        error
    }
}

/// A node has reported.
fn reported(
    shared: &RunState,
    incidents: &UnboundedSender<SupervisorMsg>,
    command: &CommandNode,
    said: &RouterMessage,
) {
    match said {
        RouterMessage::Identify(identify) => shared
            .node_table()
            .status_is(&identify.node_id, identify.status),
        RouterMessage::Status(status) => shared
            .node_table()
            .status_is(&status.node_id, status.status),
        RouterMessage::Health(health) => {
            shared.node_table().heard(health, Instant::now());
            if health.overran {
                let _ = incidents.send(SupervisorMsg::Overran {
                    node: health.node_id.clone(),
                    epoch: health.busy.clone(),
                });
            }
        }
        RouterMessage::Error(failure) => {
            let failure = crate::runner::zmq::failure::of(failure);
            shared
                .node_table()
                .failed(&failure.node, &failure.error.to_string());
            shared.drive(command, |coordinator| coordinator.on_failure(failure));
        }
    }
}

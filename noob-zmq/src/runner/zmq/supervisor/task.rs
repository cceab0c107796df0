//! [`SupervisorTask`]: owns the node processes and the command node, from `init` to `deinit`.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};
use std::time::Instant;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::child::{Child, ExitReason};
use super::launch::{GroupMember, Launch};
use super::liveness::{Liveness, POLL_INTERVAL};
use super::reconfigure::{Answer, Rollback, hosted_nodes};
use super::restart_policy::RestartPolicy;
use crate::actor::{Actor, ActorError, ActorLoop, Handle, Scope, Sockets, Wraps};
use crate::graph::{Epoch, Name, Tube, TubeImage, TubeNodeKind};
use crate::runner::coordinator::Coordinator;
use crate::runner::enablement::Reconfigure;
use crate::runner::zmq::command::{CommandNode, RouterMessage};
use crate::runner::zmq::config::{MakeCommand, RunnerConfig};
use crate::runner::zmq::groups::NodeGroups;
#[cfg(feature = "remote")]
use crate::runner::zmq::launcher::{AgentHosts, AgentMsg};
use crate::runner::zmq::remote::peers::PeerDirectory;
#[cfg(feature = "remote")]
use crate::runner::zmq::remote::{JoinRequest, RunnerListener};
use crate::runner::zmq::run_state::RunState;
use crate::runner::zmq::sockets::NodeSockets;
use crate::runner::{ClosedReason, NodeFailure, RunError};
use crate::transport::RuntimeDir;

/// Message to the supervisor.
pub(crate) enum SupervisorMsg {
    /// The process of a node has ended.
    Exited {
        node: Name,
        exit: ExitReason,
        stderr: Vec<String>,
    },
    /// The call of a node takes longer than its `timeout` allows.
    TimedOut { node: Name, epoch: Option<Epoch> },
    /// The process of a node was sent SIGTERM by somebody else.
    Terminated { node: Name },
    /// The pause before a restart is over.
    Respawn { node: Name },
    /// A node is to be enabled or disabled.
    Reconfigure(Reconfigure, Answer),
    /// A node could not be enabled.
    Rollback(Rollback),
    /// A host asks to host a node.
    #[cfg(feature = "remote")]
    JoinRequest(JoinRequest),
    /// The program of a host cannot host the node.
    #[cfg(feature = "remote")]
    Unfit { node: Name, why: String },
    /// The connection to a host broke before the host has joined.
    #[cfg(feature = "remote")]
    JoinAborted {
        node: Name,
        peer: std::net::SocketAddr,
    },
    /// The agent of a host has joined, reports, or is gone.
    #[cfg(feature = "remote")]
    Agent(AgentMsg),
}

/// Owner of the node processes and the command node of a run.
pub(crate) struct SupervisorTask<A: Actor> {
    pub(super) tube: Arc<Tube>,
    pub(super) config: RunnerConfig,
    make: Arc<MakeCommand<A>>,
    pub(super) state: Arc<RunState>,
    pub(super) first_epoch: u32,
    pub(super) dir: RuntimeDir,
    pub(super) groups: NodeGroups,
    /// Processes, each by the [node that stands for it](NodeGroups::process_of).
    pub(super) children: HashMap<Name, Child>,
    /// Nodes of each process, by the same node: those of a group that were enabled when the process
    /// was started.
    pub(super) hosted: HashMap<Name, Vec<Name>>,
    pub(super) restart_policy: RestartPolicy,
    pub(super) liveness: Liveness,
    // Unbounded: few messages come, and neither the event loop nor a process may wait for this
    // task.
    pub(super) messages: UnboundedSender<SupervisorMsg>,
    pub(super) received: UnboundedReceiver<SupervisorMsg>,
    /// Reasons for which this task has killed processes that have not ended yet.
    pub(super) killed: HashMap<Name, String>,
    /// Nodes whose processes were sent SIGTERM by somebody else, and when, until they are ended.
    pub(super) terminated: HashMap<Name, Option<Instant>>,
    /// Rollback that waits for the end of the process that was started for the node.
    pub(super) pending_rollback: Option<Rollback>,
    /// Listener for other hosts.
    #[cfg(feature = "remote")]
    pub(super) listener: Option<RunnerListener>,
    /// Hosts that have an agent.
    #[cfg(feature = "remote")]
    pub(super) agents: AgentHosts,
}

/// Outcome of `init`: the handle of the command actor, or the reason why there is none.
pub(crate) type Started<A> = Result<Handle<A>, RunError>;

impl<A> SupervisorTask<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    pub(crate) fn new(
        tube: Arc<Tube>,
        (config, groups): (RunnerConfig, NodeGroups),
        make: Arc<MakeCommand<A>>,
        state: Arc<RunState>,
        first_epoch: u32,
        dir: RuntimeDir,
    ) -> Self {
        let (messages, received) = unbounded_channel();
        Self {
            restart_policy: RestartPolicy::new(&tube, config.supervision),
            liveness: Liveness::new(config.ready_timeout),
            tube,
            config,
            make,
            state,
            first_epoch,
            dir,
            groups,
            children: HashMap::new(),
            hosted: HashMap::new(),
            messages,
            received,
            killed: HashMap::new(),
            terminated: HashMap::new(),
            pending_rollback: None,
            #[cfg(feature = "remote")]
            listener: None,
            #[cfg(feature = "remote")]
            agents: AgentHosts::default(),
        }
    }

    /// Returns the sender of messages to this task.
    pub(crate) fn messages(&self) -> UnboundedSender<SupervisorMsg> {
        self.messages.clone()
    }

    /// Starts the run, sends the outcome to `started`, supervises until `quit` is dropped, and ends
    /// the run.
    pub(crate) async fn run(
        mut self,
        started: &mpsc::Sender<Started<A>>,
        mut quit: oneshot::Receiver<()>,
    ) {
        let actor = match self.open().await {
            Ok(actor) => actor,
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        };
        let handle = actor.handle();
        // A task of its own: events are received also while this task waits for a process.
        let mut event_loop = tokio::spawn(actor.run());
        if let Err(error) = self.start(&handle, &mut quit).await {
            let _ = started.send(Err(error));
        } else if started.send(Ok(handle.clone())).is_ok() {
            // `supervise` may be dropped in the middle: what it awaits is started by `end` anew or
            // not needed any more.
            tokio::select! {
                _ = &mut quit => {}
                () = self.supervise(&handle) => {}
                // The loop ends by itself only after a panic in a handler; whoever waits for a
                // result gets this error.
                ended = &mut event_loop => {
                    let why = match ended {
                        Ok(()) => "it was stopped".to_owned(),
                        Err(error) => error.to_string(),
                    };
                    let stopped = RunError::closed(ClosedReason::ActorStopped(Some(why)));
                    self.state.coordinator().fail_run(stopped);
                    // Senders that wait for an answer in a message see that there will be none.
                    self.received.close();
                    while self.received.try_recv().is_ok() {}
                    let _ = quit.await;
                }
            }
        }
        self.end(&handle).await;
        handle.stop();
        // A finished task must not be awaited again.
        if !event_loop.is_finished() {
            let _ = event_loop.await;
        }
        #[cfg(feature = "remote")]
        self.log_rejected();
        // The directory goes last: processes that end still use their sockets in it.
        drop(self.dir);
    }

    fn peers(&self) -> PeerDirectory {
        #[cfg(feature = "remote")]
        if let Some(listener) = &self.listener {
            return listener.peers.clone();
        }
        PeerDirectory::default()
    }

    /// Opens the sockets, and makes the command actor.
    async fn open(&mut self) -> Result<ActorLoop<A>, RunError> {
        #[cfg(feature = "remote")]
        self.listen().await?;
        let nodes: Vec<Name> = self.tube.nodes.keys().cloned().collect();
        let mut command = CommandNode::new(&self.dir)
            .with_peers(self.peers())
            .with_nodes(&nodes);
        if !self.config.own_command {
            command = command.with_receipts();
        }
        let scope: Scope = command.scope().clone();
        let opener = (self.peers()).opener(<A::Sockets as Sockets>::SPEC, scope);
        let make = Arc::clone(&self.make);
        let (state, messages) = (Arc::clone(&self.state), self.messages.clone());
        let opened = ActorLoop::open_with(opener, move |sockets| {
            let mut actor = make(command, sockets);
            let command = actor.as_mut();
            let on_events = Arc::clone(&state);
            let on_receipt = Arc::clone(&state);
            command.observe_run(
                move |command, events| {
                    on_events.drive(command, |coordinator| coordinator.on_events(&events.0));
                },
                move |command, receipt| {
                    on_receipt.drive(command, |coordinator| coordinator.on_receipt(receipt));
                },
            );
            let on_joined = Arc::clone(&state);
            command.observe_joins(move |command| {
                on_joined.drive(command, Coordinator::on_node_joined);
            });
            command.observe_reports(move |command, message| {
                on_router_message(&state, &messages, command, message);
            });
            actor
        });
        let opened = opened.await.map_err(|error| match error {
            ActorError::Transport(error) => RunError::Transport(error),
            error => RunError::Actor {
                reason: error.to_string(),
            },
        })?;
        self.state
            .node_table()
            .set_reject_counters(opened.reject_counters());
        let state = Arc::clone(&self.state);
        Ok(opened.on_error(move |socket, error| {
            // No lock is held while a handler runs.
            state.coordinator().on_handler_error(RunError::Handler {
                socket: socket.name,
                error: error.into(),
            });
        }))
    }

    /// Starts a process for every node, and waits until all are ready.
    async fn start(
        &mut self,
        handle: &Handle<A>,
        quit: &mut oneshot::Receiver<()>,
    ) -> Result<(), RunError> {
        let (failed, failing) = oneshot::channel();
        self.state.coordinator().watch_startup(failed);
        let nodes = hosted_nodes(&self.tube);
        for node in &nodes {
            if self.is_remote(node) {
                self.start_remote(node);
            } else if self.child_of(node).is_none() {
                self.spawn(node)?;
            }
        }
        let ready = CommandNode::await_ready(handle, nodes, self.config.ready_timeout);
        // The processes are supervised during the wait: one that dies fails the start at once.
        tokio::select! {
            ready = ready => ready.map_err(|error| self.explain_missing(error))?,
            Ok(error) = failing => return Err(error),
            () = self.supervise(handle) => {}
            _ = quit => return Err(RunError::closed(ClosedReason::ShutDownInStart)),
        }
        self.state.coordinator().set_ready();
        Ok(())
    }

    /// Returns the process that a node has, or shares.
    pub(super) fn child_of(&self, node: &Name) -> Option<&Child> {
        self.children.get(&self.groups.process_of(node))
    }

    /// Starts the process of a node, which hosts the enabled nodes of its group.
    pub(super) fn spawn(&mut self, node: &Name) -> Result<(), RunError> {
        let process = self.groups.process_of(node);
        let mut members = self.groups.members_of(node);
        let tube = &self.tube;
        members.retain(|name| tube.nodes.get(name).is_some_and(|node| node.enabled));
        let known = self.tube.nodes.get(node);
        let type_name = match &*members {
            [_, _, ..] => "a group",
            _ => known.map_or("", |node| &node.type_name),
        };
        let program = known.and_then(|node| self.config.programs.of(node));
        let launch = self.launch(&members);
        let messages = self.messages.clone();
        let on_exit = {
            let node = process.clone();
            move |exit, stderr| {
                let _ = messages.send(SupervisorMsg::Exited { node, exit, stderr });
            }
        };
        let settings = self.config.programs.settings(node);
        let program = (type_name, program.as_ref(), &settings.environment);
        let logs = self.state.logs().clone();
        let child = Child::start(&launch, program, logs, on_exit)?;
        for member in &members {
            self.state.node_table().on_spawn(member, child.pid());
        }
        self.hosted.insert(process.clone(), members);
        self.children.insert(process, child);
        Ok(())
    }

    /// Returns the instructions for the process of these nodes.
    pub(super) fn launch(&self, nodes: &[Name]) -> Launch {
        let coordinator = self.state.coordinator();
        let observed = self.config.own_command || coordinator.observes();
        let trace_seed = coordinator.trace_seed();
        let member = |node: &Name| GroupMember {
            node_id: node.to_string(),
            incarnation: coordinator.restart_count(node),
            reports: coordinator.reports_calls(node),
        };
        let mut others: Vec<GroupMember> = nodes.iter().map(member).collect();
        drop(coordinator);
        let node = nodes.first().cloned().unwrap_or_default();
        let GroupMember {
            node_id,
            incarnation,
            reports,
        } = others.remove(0);
        Launch {
            version: env!("CARGO_PKG_VERSION").into(),
            node_id,
            runner_id: self.dir.runner_id().into(),
            runtime_dir: self.dir.root().to_owned(),
            first_epoch: self.first_epoch,
            incarnation,
            observed,
            reports,
            trace_seed,
            supervision: self.config.supervision,
            foreign: self.config.foreign.of_node(&node, self.tube.nodes.keys()),
            tube: TubeImage::for_nodes(&self.tube, nodes),
            others,
            limits: self.config.programs.settings(&node).limits,
            hosts: self.has_remote_nodes(),
            shared_memory: {
                let nodes = self.tube.nodes.values();
                let processes = nodes.filter(|node| node.kind != TubeNodeKind::Return);
                self.config.shared_memory / (processes.count() as u64).max(1)
            },
        }
    }

    /// Processes messages and examines the processes; never returns.
    async fn supervise(&mut self, handle: &Handle<A>) {
        let mut watch = tokio::time::interval(POLL_INTERVAL);
        watch.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            // Both branches are cancel-safe; a message is processed outside of the `select!`'s
            // futures, so that a tick never interrupts it.
            tokio::select! {
                Some(message) = self.received.recv() => self.on_message(handle, message),
                _ = watch.tick() => {
                    self.check_liveness();
                    self.end_terminated();
                    self.state.count_epochs();
                    #[cfg(feature = "remote")]
                    self.record_listener_counts();
                    let state = Arc::clone(&self.state);
                    let _ = handle.tell(move |actor| {
                        state.drive(actor.as_mut(), Coordinator::send_epochs_ended);
                    });
                    let (state, now) = (Arc::clone(&self.state), Instant::now());
                    let _ = handle.tell_behind_arrived(move |_| {
                        state.node_table().set_recorded_until(now);
                    });
                }
            }
        }
    }

    fn on_message(&mut self, handle: &Handle<A>, message: SupervisorMsg) {
        match message {
            SupervisorMsg::Exited { node, exit, stderr } => {
                self.on_exit(handle, node, exit, stderr);
            }
            SupervisorMsg::TimedOut { node, epoch } => self.on_timeout(handle, &node, epoch),
            SupervisorMsg::Terminated { node } => self.on_terminated(node),
            SupervisorMsg::Respawn { node } => self.respawn(&node),
            SupervisorMsg::Reconfigure(plan, answer) => self.reconfigure(handle, plan, answer),
            SupervisorMsg::Rollback(rollback) => self.roll_back(handle, rollback),
            #[cfg(feature = "remote")]
            SupervisorMsg::JoinRequest(request) => self.on_join_request(request),
            #[cfg(feature = "remote")]
            SupervisorMsg::Unfit { node, why } => {
                self.children.remove(&node);
                let mut coordinator = self.state.coordinator();
                coordinator.fail_run(RunError::Start { node, why });
            }
            #[cfg(feature = "remote")]
            SupervisorMsg::JoinAborted { node, peer } => {
                self.on_join_aborted(handle, &node, peer);
            }
            #[cfg(feature = "remote")]
            SupervisorMsg::Agent(message) => self.on_agent(handle, message),
        }
    }

    /// Removes the socket file that the process of a node before has left.
    pub(super) fn remove_stale_socket(&self, node: &Name) {
        let scope = Scope::of(&self.dir, node);
        let _ = std::fs::remove_file(NodeSockets::OUTBOX.path(&scope));
    }
}

/// Nothing is remote without the feature.
#[cfg(not(feature = "remote"))]
impl<A: Actor> SupervisorTask<A> {
    const fn has_remote_nodes(&self) -> bool {
        false
    }

    pub(super) const fn is_remote(&self, _node: &Name) -> bool {
        false
    }

    pub(super) fn explain_missing(&self, error: RunError) -> RunError {
        error
    }

    pub(super) const fn start_remote(&self, _node: &Name) {}

    pub(super) const fn forget_start(&self, _node: &Name) {}
}

/// Records a message of a node; runs on the event loop of the command node.
fn on_router_message(
    state: &RunState,
    messages: &UnboundedSender<SupervisorMsg>,
    command: &CommandNode,
    message: &RouterMessage,
) {
    match message {
        RouterMessage::Identify(identify) => {
            let mut table = state.node_table();
            table.on_status(&identify.node_id, identify.status);
        }
        RouterMessage::Status(status) => {
            state.node_table().on_status(&status.node_id, status.status);
        }
        RouterMessage::Health(health) => {
            state.on_health(health);
            if health.terminated {
                let node = health.node_id.clone();
                let _ = messages.send(SupervisorMsg::Terminated { node });
            }
            if health.overran {
                let _ = messages.send(SupervisorMsg::TimedOut {
                    node: health.node_id.clone(),
                    epoch: health.busy.clone(),
                });
            }
        }
        RouterMessage::Error(failure) => {
            let failure = NodeFailure::from(failure);
            let error = failure.error.to_string();
            state.node_table().on_error(&failure.node, &error);
            state.drive(command, |coordinator| coordinator.on_failure(failure));
        }
    }
}

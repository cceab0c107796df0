//! Serves the nodes of a process, from open sockets to their end.
//!
//! Each node has an actor, which is a task of the runtime of the process; one thread makes the
//! calls of all of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use super::links::GroupLinks;
use crate::actor::{Actor, ActorLoop, Handle, Scope, Sockets, Wraps};
use crate::graph::{Name, Tube, TubeNodeKind};
use crate::node::{NodeError, Registry};
use crate::runner::Phase;
use crate::runner::zmq::node::config::{NodeConfig, StandaloneNode, make_hosted};
use crate::runner::zmq::node::node_runner::NodeRunner;
use crate::runner::zmq::node::worker::crew::Crew;
use crate::runner::zmq::node::worker::loop_driver::LoopDriver;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::supervisor::launch::Launch;

/// Longest time for which results of quick calls wait behind a slow call.
const COLLECT_DELAY: Duration = Duration::from_millis(1);
/// Longest and shortest interval between two health reports.
const HEALTH_INTERVAL: (Duration, Duration) =
    (Duration::from_millis(250), Duration::from_millis(5));

/// Surroundings of the nodes of a process.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) peers: PeerDirectory,
    /// Directory of the run.
    pub(crate) directory: PathBuf,
    /// The runner, if it has started the process; otherwise a person has, and may end it by Ctrl-C.
    pub(crate) runner: Option<Pid>,
    pub(crate) crew: Arc<Crew>,
    pub(crate) group: Arc<GroupLinks>,
    /// Types that this process can host.
    pub(crate) registry: Registry,
}

/// Opens the actors of the nodes of a process, and starts to initialise the nodes.
///
/// `watch` shuts the nodes down when their runner is gone, and returns a flag that is set then.
///
/// # Errors
/// A tube without one of the nodes, and sockets that cannot be opened.
pub(crate) async fn open<A>(
    launch: Launch,
    place: Place,
    make: impl Fn(StandaloneNode, A::Sockets) -> A,
    watch: impl FnOnce(Vec<Handle<A>>) -> Arc<AtomicBool>,
) -> Result<Hosted<A>, NodeError>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    let mut nodes: Vec<HostedNode<A>> = Vec::new();
    for member in launch.into_members() {
        nodes.push(open_node(member, &place, &make).await?);
    }
    // No node can have anything to pass on yet: none has identified itself, and so none was called.
    let links = nodes.iter().map(|node| {
        let handle = node.handle.clone();
        let link = Box::new(move |message| {
            let _ = handle.tell(move |actor| actor.as_mut().on_group_message(&message));
        });
        (node.id.clone(), link as _)
    });
    place.group.connect(links.collect());
    Ok(Hosted {
        orphaned: watch(nodes.iter().map(|node| node.handle.clone()).collect()),
        nodes,
        runner: place.runner,
        directory: place.directory,
    })
}

/// Opens the actor of a node, and starts to initialise the node.
///
/// # Errors
/// A tube without the node, and sockets that cannot be opened.
async fn open_node<A>(
    launch: Launch,
    place: &Place,
    make: &impl Fn(StandaloneNode, A::Sockets) -> A,
) -> Result<HostedNode<A>, NodeError>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    let mut tube = launch.tube.into_tube();
    place.registry.attach_to(&mut tube);
    // An error of the type is reported when the node is made.
    let node = tube.nodes.get(launch.node_id.as_str());
    let on_main_thread = node
        .filter(|node| node.kind == TubeNodeKind::Typed && node.replay.is_none())
        .and_then(|node| place.registry.find(&node.type_name).ok()?)
        .is_some_and(|found| found.main_thread);
    let tube = Arc::new(tube);
    let scope = Scope {
        runtime_dir: launch.runtime_dir.clone(),
        runner_id: launch.runner_id.clone(),
        id: launch.node_id.clone(),
    };
    let mut config = NodeConfig::find(Arc::clone(&tube), &launch.node_id)?;
    config.first_epoch = launch.first_epoch;
    config.incarnation = launch.incarnation;
    config.shared_memory = usize::try_from(launch.shared_memory).unwrap_or(usize::MAX);
    config.observed = launch.observed;
    config.reports = launch.reports;
    config.foreign = launch.foreign;
    config.group = Arc::clone(&place.group);
    config.supervision = config.supervision.or(launch.supervision);
    let timeout = config.supervision.timeout;
    let (closed, closing) = oneshot::channel::<bool>();
    let node = StandaloneNode {
        config,
        scope: scope.clone(),
        on_closed: Box::new(|without_error| {
            let _ = closed.send(without_error);
        }),
        peers: place.peers.clone(),
        crew: Arc::clone(&place.crew),
    };
    let opener = place.peers.opener(<A::Sockets as Sockets>::SPEC, scope);
    let actor = ActorLoop::open_with(opener, |sockets| make(node, sockets)).await?;
    let handle = actor.handle();
    let reporter = handle.clone();
    let actor = actor
        .on_idle(|actor| actor.as_mut().flush())
        .on_error(move |socket, error| {
            let error = NodeError::from(error).context(format!(
                "a handler of its node runner failed on the socket `{}`",
                socket.name
            ));
            // Told before the loop can be stopped, so the report is sent in any case.
            let _ = reporter.tell(|actor| actor.as_mut().error(Phase::Process, None, error));
        });
    let id = Name::from(launch.node_id.as_str());
    start_worker(&handle, launch.node_id, tube);
    Ok(HostedNode {
        id,
        handle,
        event_loop: tokio::spawn(actor.run()),
        closing,
        timeout,
        on_main_thread,
    })
}

/// Nodes of a process whose actors are open, with everything that ends them.
pub(crate) struct Hosted<A> {
    nodes: Vec<HostedNode<A>>,
    /// Whether the runner is gone.
    orphaned: Arc<AtomicBool>,
    runner: Option<Pid>,
    directory: PathBuf,
}

/// Node whose actor is open.
struct HostedNode<A> {
    id: Name,
    handle: Handle<A>,
    event_loop: JoinHandle<()>,
    /// Resolves when the node was shut down, with whether that went without an error.
    closing: oneshot::Receiver<bool>,
    timeout: Option<Duration>,
    /// Whether the code of the node runs on the thread that drives the node.
    on_main_thread: bool,
}

impl<A: Wraps<NodeRunner> + 'static> Hosted<A> {
    /// Serves the nodes as [`run`](Self::run), and drives the runtime; blocks until then.
    ///
    /// # Errors
    /// A panic of a handler, and a thread that cannot be started.
    pub(crate) fn drive(self, driver: &Arc<LoopDriver>) -> Result<bool, NodeError> {
        if !self.nodes.iter().any(|node| node.on_main_thread) {
            return driver.run(self.run());
        }
        // The run is over, and this thread is inside of code of a node, which may never return.
        let abandon = |outcome: Result<bool, NodeError>| {
            if let Err(error) = &outcome {
                tracing::error!("{error}");
            }
            std::process::exit(i32::from(!outcome.is_ok_and(|without_error| without_error)));
        };
        LoopDriver::run_beside_worker(driver, self.run(), abandon)?
    }

    /// Serves the nodes until all were shut down; returns whether that went without an error.
    ///
    /// # Errors
    /// A panic of a handler of one of them, which ends the process.
    pub(crate) async fn run(self) -> Result<bool, NodeError> {
        let has_runner = self.runner.is_some();
        // A task for each node: they are shut down in any order, and a slow one holds up no other.
        let mut serving = JoinSet::new();
        for node in self.nodes {
            serving.spawn(node.run(has_runner));
        }
        let mut without_error = true;
        while let Some(ended) = serving.join_next().await {
            // An error ends the process at once: without one of its nodes, a group is of no use.
            let ended = ended.map_err(|error| NodeError::new(error.to_string()))?;
            without_error &= ended?;
        }
        if self.orphaned.load(Ordering::Acquire) {
            crate::transport::remove(&self.directory);
            if let Some(runner) = self.runner {
                end_group(runner);
            }
        }
        Ok(without_error)
    }
}

impl<A: Wraps<NodeRunner> + 'static> HostedNode<A> {
    /// Serves the node until it was shut down; returns whether that went without an error.
    ///
    /// # Errors
    /// A panic of a handler.
    async fn run(self, has_runner: bool) -> Result<bool, NodeError> {
        let Self {
            id: _,
            handle,
            mut event_loop,
            mut closing,
            timeout,
            on_main_thread: _,
        } = self;
        // A health report sees a call that overruns its timeout: reports come more often than that.
        let (longest, shortest) = HEALTH_INTERVAL;
        let interval = timeout.map_or(longest, |timeout| (timeout / 8).clamp(shortest, longest));
        let mut health = tokio::time::interval(interval);
        health.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut terminated = signal(SignalKind::terminate())?;
        let mut interrupted = signal(SignalKind::interrupt())?;
        let without_error = loop {
            // Every branch is cancel-safe: nothing is lost when another completes first.
            tokio::select! {
                closed = &mut closing => break closed.unwrap_or(true),
                // The loop ends by itself only after a panic in a handler; nobody serves the
                // sockets then.
                ended = &mut event_loop => return Err(NodeError::new(match ended {
                    Ok(()) => "the loop of the node ended".to_owned(),
                    Err(error) => format!("the loop of the node ended: {error}"),
                })),
                _ = terminated.recv() => {
                    let _ = handle.tell(move |actor| if has_runner {
                        actor.as_mut().on_sigterm();
                    } else {
                        actor.as_mut().deinit();
                    });
                }
                due = health.tick() => {
                    let late = due.elapsed();
                    let _ = handle.tell(move |actor| {
                        actor.as_mut().postpone_timeout(late);
                        actor.as_mut().send_health();
                        actor.as_mut().report_implied(false);
                    });
                }
                // A terminal sends Ctrl-C to the runner too, which then shuts its nodes down.
                _ = interrupted.recv() => if !has_runner {
                    let _ = handle.tell(|actor| actor.as_mut().deinit());
                },
            }
        };
        // The loop sends what is queued before it ends.
        handle.stop();
        let _ = event_loop.await;
        Ok(without_error)
    }
}

/// Starts the worker thread, which makes and initialises the node.
fn start_worker<A: Wraps<NodeRunner> + 'static>(handle: &Handle<A>, id: String, tube: Arc<Tube>) {
    let waker = handle.clone();
    let _ = handle.tell(move |actor| {
        let runner = actor.as_mut();
        tokio::spawn(collect_results(
            Arc::clone(&runner.collector),
            waker.clone(),
        ));
        let checkpoints = runner.checkpoints.clone();
        let make = move || make_hosted(&tube, &id, checkpoints.as_ref());
        let wake = move || {
            let _ = waker.tell(|actor| actor.as_mut().take_results());
        };
        if let Err(error) = runner.init(make, wake) {
            runner.error(Phase::Init, None, error.into());
        }
    });
}

/// Takes results a moment after several calls were handed over: if one of them is slow, the results
/// of those before it must not wait for it.
async fn collect_results<A: Wraps<NodeRunner> + 'static>(
    several_calls: Arc<Notify>,
    handle: Handle<A>,
) {
    loop {
        several_calls.notified().await;
        tokio::time::sleep(COLLECT_DELAY).await;
        if handle.tell(|actor| actor.as_mut().take_results()).is_err() {
            return;
        }
    }
}

/// Ends what node code has started and left in the group of this process, where the runner, which
/// does so for a node that has ended, is gone.
pub(crate) fn end_group(runner: Pid) {
    let own = rustix::process::getpid();
    // Where this process is not the first of its group, the group is that of somebody else.
    if rustix::process::getpgrp() != own {
        return;
    }
    // This process itself receives the signal too: it has a handler for SIGTERM, and SIGKILL is its
    // own end.
    let gone = rustix::process::getppid() != Some(runner);
    let signal = if gone { Signal::KILL } else { Signal::TERM };
    let _ = rustix::process::kill_process_group(own, signal);
}

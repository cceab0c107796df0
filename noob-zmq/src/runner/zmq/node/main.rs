//! Main function of a node process, from its instructions on standard input to its exit code.
//!
//! A node process has three threads: the main thread and the worker thread, which runs the code of
//! the node, drive the event loop in turns ([`LoopDriver`]), and the last waits for the end of
//! standard input.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::config::{NodeConfig, StandaloneNode, make_hosted};
use super::node_runner::NodeRunner;
use super::worker::loop_driver::LoopDriver;
use crate::actor::{Actor, ActorLoop, Handle, Scope, Sockets, Wraps};
use crate::graph::{Tube, TubeNodeKind};
use crate::node::{NodeError, Registry, RegistryError};
use crate::runner::Phase;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::supervisor::init_process;
use crate::runner::zmq::supervisor::launch::{HARNESS_DONE, LOG_ENV, Launch, NODE_ENV};
use crate::standard_streams::take_standard_input;

/// Longest time in which a node that has lost its runner shuts down by itself.
pub(crate) const ORPHAN_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest time for which results of quick calls wait behind a slow call.
const COLLECT_DELAY: Duration = Duration::from_millis(1);
/// Longest and shortest interval between two health reports.
const HEALTH_INTERVAL: (Duration, Duration) =
    (Duration::from_millis(250), Duration::from_millis(5));

/// Runs a node, if this process was started as one; returns `None` at once otherwise.
///
/// A process with the id 1, as in a container, is neither: it runs this program again as a child,
/// passes signals on, and reaps processes that nobody waits for.
///
/// Blocks until the run has ended, and returns the code to exit with. Call it first in `main` (or
/// put [`#[noob_zmq::main]`](macro@crate::main) on it): the ZMQ runner starts this very program
/// again for each node.
#[must_use = "exit with this code: the process was a node, and is done"]
pub fn node_process() -> Option<ExitCode> {
    node_process_with(StandaloneNode::attach)
}

/// Runs a node of a type of this registry, if this process was started as a node; see
/// [`node_process`].
#[must_use = "exit with this code: the process was a node, and is done"]
pub fn node_process_in(registry: Registry) -> Option<ExitCode> {
    process(StandaloneNode::attach, || Ok(registry))
}

/// Runs a node with a node runner of the caller, if this process was started as a node.
///
/// `make` is given the node runner of this library without sockets, and the open sockets of the
/// spec, and returns the actor that runs. The node runner must be given its sockets by
/// [`StandaloneNode::attach`]. See `examples/timed.rs`, and [`node_process`].
#[must_use = "exit with this code: the process was a node, and is done"]
pub fn node_process_with<A>(make: impl FnOnce(StandaloneNode, A::Sockets) -> A) -> Option<ExitCode>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    process(make, linked)
}

/// Returns the registry of the types that this program was linked with.
pub(crate) fn linked() -> Result<Registry, RegistryError> {
    Registry::get().cloned()
}

fn process<A>(
    make: impl FnOnce(StandaloneNode, A::Sockets) -> A,
    registry: impl FnOnce() -> Result<Registry, RegistryError>,
) -> Option<ExitCode>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    let Some(node) = std::env::var_os(NODE_ENV) else {
        return init_process::run();
    };
    let node = node.to_string_lossy();
    prepare_process(&node);
    match run_child(make, registry) {
        Ok(true) => Some(ExitCode::SUCCESS),
        // The error was reported to the command node.
        Ok(false) => Some(ExitCode::FAILURE),
        Err(error) => {
            tracing::error!(node = %node, "{error}");
            Some(ExitCode::FAILURE)
        }
    }
}

/// Runs a node from a test that stands for `main`, and exits, so that the test harness adds nothing
/// to the output of the node; returns at once if this process is not a node.
pub(crate) fn node_test<A>(
    make: impl FnOnce(StandaloneNode, A::Sockets) -> A,
    registry: impl FnOnce() -> Result<Registry, RegistryError>,
) -> ExitCode
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    if std::env::var_os(NODE_ENV).is_none() {
        return ExitCode::SUCCESS;
    }
    println!("{HARNESS_DONE}");
    let done = process(make, registry).is_some_and(|code| code == ExitCode::SUCCESS);
    std::process::exit(i32::from(!done))
}

/// Sets the name in the process table, the signal at the death of the runner, and the log.
fn prepare_process(node: &str) {
    // `ps` and `top` show the first 15 bytes.
    let _ = std::fs::write("/proc/self/comm", format!("noob:{node}"));
    // A stopped process does not notice that its input has ended; the kernel continues it when the
    // runner is gone.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::CONT));
    let filter = std::env::var(LOG_ENV)
        .or_else(|_| std::env::var("RUST_LOG"))
        .unwrap_or_else(|_| "warn".into());
    crate::default_log::install(&filter);
}

/// Runs the node of this child process; returns whether the node was shut down without an error.
///
/// # Errors
/// Instructions that cannot be read, and sockets that cannot be opened. Errors of the node itself
/// are reported to the command node instead.
fn run_child<A>(
    make: impl FnOnce(StandaloneNode, A::Sockets) -> A,
    registry: impl FnOnce() -> Result<Registry, RegistryError>,
) -> Result<bool, NodeError>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    let mut stdin = take_standard_input()?;
    let launch = Launch::read(&mut stdin).map_err(|error| {
        NodeError::new(format!(
            "the instructions of the runner cannot be read: {error}"
        ))
    })?;
    if launch.version != env!("CARGO_PKG_VERSION") {
        let (theirs, ours) = (&launch.version, env!("CARGO_PKG_VERSION"));
        return Err(NodeError::new(format!(
            "the runner is of version {theirs}, this program of version {ours}"
        )));
    }
    let directory = launch.runtime_dir.join(&launch.runner_id);
    let runner = rustix::process::getppid();
    let driver = Arc::new(LoopDriver::new()?);
    let place = Place {
        driver: Arc::clone(&driver),
        peers: PeerDirectory::for_directory(&directory, launch.hosts),
        directory: directory.clone(),
        runner,
        registry: registry().map_err(|error| NodeError::new(error.to_string()))?,
    };
    let watch = |handle| watch_stdin(stdin, handle, directory, runner);
    let serving = driver.block_on(open(launch, place, make, watch))?;
    let outcome = serving.drive(&driver);
    LoopDriver::shut_down(driver);
    outcome
}

/// Surroundings of a hosted node.
pub(crate) struct Place {
    pub(crate) peers: PeerDirectory,
    /// Directory of the run.
    pub(crate) directory: PathBuf,
    /// The runner, if it has started the process; otherwise a person has, and may end it by Ctrl-C.
    pub(crate) runner: Option<Pid>,
    pub(crate) driver: Arc<LoopDriver>,
    /// Types that this process can host.
    pub(crate) registry: Registry,
}

/// Opens the actor of a node, and starts to initialise the node.
///
/// `watch` shuts the node down when its runner is gone, and returns a flag that is set then.
///
/// # Errors
/// A tube without the node, and sockets that cannot be opened.
pub(crate) async fn open<A>(
    launch: Launch,
    place: Place,
    make: impl FnOnce(StandaloneNode, A::Sockets) -> A,
    watch: impl FnOnce(Handle<A>) -> Arc<AtomicBool>,
) -> Result<Hosted<A>, NodeError>
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
        driver: Arc::clone(&place.driver),
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
    let orphaned = watch(handle.clone());
    start_worker(&handle, launch.node_id, tube);
    Ok(Hosted {
        handle,
        event_loop: tokio::spawn(actor.run()),
        closing,
        orphaned,
        timeout,
        on_main_thread,
        runner: place.runner,
        directory: place.directory,
    })
}

/// Node whose actor is open, with everything that ends it.
pub(crate) struct Hosted<A> {
    handle: Handle<A>,
    event_loop: JoinHandle<()>,
    /// Resolves when the node was shut down, with whether that went without an error.
    closing: oneshot::Receiver<bool>,
    /// Whether the runner is gone.
    orphaned: Arc<AtomicBool>,
    timeout: Option<Duration>,
    /// Whether the code of the node runs on the thread that drives the node.
    on_main_thread: bool,
    runner: Option<Pid>,
    directory: PathBuf,
}

impl<A: Wraps<NodeRunner> + 'static> Hosted<A> {
    /// Serves the node as [`run`](Self::run), and drives the runtime; blocks until then.
    ///
    /// # Errors
    /// A panic of a handler, and a thread that cannot be started.
    pub(crate) fn drive(self, driver: &Arc<LoopDriver>) -> Result<bool, NodeError> {
        if !self.on_main_thread {
            return driver.run(self.run());
        }
        // The run is over, and this thread is inside of code of the node, which may never return.
        let abandon = |outcome: Result<bool, NodeError>| {
            if let Err(error) = &outcome {
                tracing::error!("{error}");
            }
            std::process::exit(i32::from(!outcome.is_ok_and(|without_error| without_error)));
        };
        LoopDriver::run_beside_worker(driver, self.run(), abandon)?
    }

    /// Serves the node until it was shut down; returns whether that went without an error.
    ///
    /// # Errors
    /// A panic of a handler.
    pub(crate) async fn run(self) -> Result<bool, NodeError> {
        let Self {
            handle,
            mut event_loop,
            mut closing,
            orphaned,
            timeout,
            on_main_thread: _,
            runner,
            directory,
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
                    let has_runner = runner.is_some();
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
                _ = interrupted.recv() => if runner.is_none() {
                    let _ = handle.tell(|actor| actor.as_mut().deinit());
                },
            }
        };
        // The loop sends what is queued before it ends.
        handle.stop();
        let _ = event_loop.await;
        if orphaned.load(Ordering::Acquire) {
            crate::transport::remove(&directory);
            if let Some(runner) = runner {
                end_group(runner);
            }
        }
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
fn end_group(runner: Pid) {
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

/// Starts a thread that waits for the end of standard input, which is the end of the runner; the
/// node is shut down then, in order or by force, and the directory of the run is removed.
///
/// Returns a flag that is set then.
fn watch_stdin<A>(
    mut stdin: File,
    handle: Handle<A>,
    directory: PathBuf,
    runner: Option<Pid>,
) -> Arc<AtomicBool>
where
    A: Wraps<NodeRunner> + 'static,
{
    let orphaned = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&orphaned);
    let watch = move || {
        let mut rest = [0; 64];
        while !matches!(stdin.read(&mut rest), Ok(0)) {}
        // Set before the shutdown is requested, which ends with a look at the flag.
        flag.store(true, Ordering::Release);
        let _ = handle.tell(|actor| actor.as_mut().deinit());
        // Usually the process has ended before this time is over.
        std::thread::park_timeout(ORPHAN_TIMEOUT);
        crate::transport::remove(&directory);
        if let Some(runner) = runner {
            end_group(runner);
        }
        std::process::exit(1);
    };
    // A thread, not a task: a read of standard input blocks, and the runtime would wait for it.
    let _ = std::thread::Builder::new()
        .name("noob-zmq-watch".into())
        .spawn(watch);
    orphaned
}

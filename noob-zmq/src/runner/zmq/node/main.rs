//! Main function of a node process, from its instructions on standard input to its exit code.
//!
//! A node process has three threads: the main thread and the worker thread, which runs the code of
//! the nodes, drive the event loop in turns ([`LoopDriver`]), and the last waits for the end of
//! standard input.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal};

use super::config::StandaloneNode;
use super::group::links::GroupLinks;
use super::group::serve::{Place, end_group, open};
use super::node_runner::NodeRunner;
use super::worker::crew::Crew;
use super::worker::loop_driver::LoopDriver;
use crate::actor::{Actor, Handle, Wraps};
use crate::node::{NodeError, Registry, RegistryError};
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::supervisor::init_process;
use crate::runner::zmq::supervisor::launch::{
    HARNESS_DONE, JOIN_ENV, LOG_ENV, Launch, NODE_ENV, read_instructions,
};
use crate::standard_streams::take_standard_input;

/// Longest time in which a node that has lost its runner shuts down by itself.
pub(crate) const ORPHAN_TIMEOUT: Duration = Duration::from_secs(1);

/// Whether this process has begun to serve the node that it was started for.
static SERVES_NODE: AtomicBool = AtomicBool::new(false);

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
pub fn node_process_with<A>(make: impl Fn(StandaloneNode, A::Sockets) -> A) -> Option<ExitCode>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    process(make, linked)
}

/// Returns whether this process serves a node, whose code may run a tube of its own.
pub(crate) fn serves_node() -> bool {
    SERVES_NODE.load(Ordering::Relaxed)
}

/// Returns the registry of the types that this program was linked with.
pub(crate) fn linked() -> Result<Registry, RegistryError> {
    Registry::get().cloned()
}

fn process<A>(
    make: impl Fn(StandaloneNode, A::Sockets) -> A,
    registry: impl FnOnce() -> Result<Registry, RegistryError>,
) -> Option<ExitCode>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    let Some(node) = std::env::var_os(NODE_ENV) else {
        return init_process::run();
    };
    SERVES_NODE.store(true, Ordering::Relaxed);
    let node = node.to_string_lossy();
    prepare_process(&node);
    let outcome = match std::env::var_os(JOIN_ENV) {
        None => run_child(make, registry),
        Some(_) => run_for_agent(make, registry),
    };
    match outcome {
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
    make: impl Fn(StandaloneNode, A::Sockets) -> A,
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

/// Runs the node of this process, which an agent has started for a run of another host.
///
/// # Errors
/// Those of a node that joins a run.
#[cfg(feature = "remote")]
fn run_for_agent<A>(
    make: impl Fn(StandaloneNode, A::Sockets) -> A,
    registry: impl FnOnce() -> Result<Registry, RegistryError>,
) -> Result<bool, NodeError>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    let registry = registry().map_err(|error| NodeError::new(error.to_string()))?;
    crate::runner::zmq::remote::agent_child::run(make, registry)
}

#[cfg(not(feature = "remote"))]
fn run_for_agent<A: Actor>(
    _make: impl Fn(StandaloneNode, A::Sockets) -> A,
    _registry: impl FnOnce() -> Result<Registry, RegistryError>,
) -> Result<bool, NodeError> {
    Err(NodeError::new(
        "this program is built without the feature `remote` of noob-zmq, which nodes of other \
         hosts need",
    ))
}

/// Runs the node of this child process; returns whether the node was shut down without an error.
///
/// # Errors
/// Instructions that cannot be read, and sockets that cannot be opened. Errors of the node itself
/// are reported to the command node instead.
fn run_child<A>(
    make: impl Fn(StandaloneNode, A::Sockets) -> A,
    registry: impl FnOnce() -> Result<Registry, RegistryError>,
) -> Result<bool, NodeError>
where
    A: Actor + Wraps<NodeRunner> + 'static,
{
    let mut stdin = take_standard_input()?;
    let launch: Launch = read_instructions(&mut stdin).map_err(|error| {
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
    // Before any thread is started, which inherits the limits.
    launch.limits.apply()?;
    let directory = launch.runtime_dir.join(&launch.runner_id);
    let runner = rustix::process::getppid();
    let driver = Arc::new(LoopDriver::new()?);
    let names = launch.node_names();
    let tracer = launch.start_tracer();
    let crew = Crew::new(Arc::clone(&driver), names.len(), tracer.clone());
    let names = names.into_iter().map(Into::into);
    let group = match launch.others.is_empty() {
        true => GroupLinks::default(),
        false => GroupLinks::new(names.collect()),
    };
    let place = Place {
        crew,
        group: Arc::new(group),
        peers: PeerDirectory::for_directory(&directory, launch.hosts),
        directory: directory.clone(),
        runner,
        registry: registry().map_err(|error| NodeError::new(error.to_string()))?,
    };
    let watch = |handles| watch_stdin(stdin, handles, directory, runner);
    let serving = driver.block_on(open(launch, place, make, watch))?;
    let outcome = serving.drive(&driver);
    tracer.finish();
    LoopDriver::shut_down(driver);
    outcome
}

/// Starts a thread that waits for the end of standard input, which is the end of the runner; the
/// nodes are shut down then, in order or by force, and the directory of the run is removed.
///
/// Returns a flag that is set then.
fn watch_stdin<A>(
    mut stdin: File,
    handles: Vec<Handle<A>>,
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
        for handle in &handles {
            let _ = handle.tell(|actor| actor.as_mut().deinit());
        }
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

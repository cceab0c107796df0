//! The whole life of a node process.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::actor::{Actor, ActorLoop, Handle, Scope, Sockets};
use crate::graph::Tube;
use crate::node::{NodeError, Registry};
use crate::runner::zmq::node::config::make_hosted;
use crate::runner::zmq::node::config::{NodeConfig, StandaloneNode};
use crate::runner::zmq::node::node_runner::NodeRunner;
use crate::runner::zmq::remote::peers::PeerDirectory;
use crate::runner::zmq::supervisor::launch::{HARNESS_DONE, LOG_ENV, Launch, NODE_ENV};

/// How long a node that has lost its runner may take to shut down by itself.
pub(crate) const ORPHANED: Duration = Duration::from_secs(1);
/// How long results of quick calls may lie until they are taken up, should a slow call come behind them.
const COLLECT: Duration = Duration::from_millis(1);
/// How often a node says that it lives, and looks whether its call takes too long: seldom at most, often at most.
const BEAT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(5));

/// If this process was started as a node of a run: is that node until the run is over, and gives the code to exit with. Otherwise gives
/// `None`, at once.
///
/// Call it first of all in `main` (or put [`#[noob_zmq::main]`](macro@crate::main) on it): the ZMQ runner starts this very program again
/// for each node.
#[must_use = "exit with this code: the process was a node, and is done"]
pub fn node_process() -> Option<ExitCode> {
    node_process_with(StandaloneNode::attach)
}

/// The same with a node runner of one's own: `make` is given ours without sockets, and the open sockets of the spec, and makes the actor that
/// runs. Ours is given its sockets by [`StandaloneNode::attach`]. See `examples/timed.rs`.
#[must_use = "exit with this code: the process was a node, and is done"]
pub fn node_process_with<A>(make: impl FnOnce(StandaloneNode, A::Sockets) -> A) -> Option<ExitCode>
where
    A: Actor + AsMut<NodeRunner> + 'static,
{
    let node = std::env::var_os(NODE_ENV)?;
    let node = node.to_string_lossy();
    watch_over(&node);
    match host(make) {
        Ok(true) => Some(ExitCode::SUCCESS),
        // It has told the command node why.
        Ok(false) => Some(ExitCode::FAILURE),
        Err(error) => {
            tracing::error!(node = %node, "{error}");
            Some(ExitCode::FAILURE)
        }
    }
}

/// What a test that stands for `main` does: is a node if the process was started as one, and then ends the process, so that the test
/// harness adds nothing to what the node has written.
pub(crate) fn node_test<A>(make: impl FnOnce(StandaloneNode, A::Sockets) -> A) -> ExitCode
where
    A: Actor + AsMut<NodeRunner> + 'static,
{
    if std::env::var_os(NODE_ENV).is_none() {
        return ExitCode::SUCCESS;
    }
    println!("{HARNESS_DONE}");
    let done = node_process_with(make).is_some_and(|code| code == ExitCode::SUCCESS);
    std::process::exit(i32::from(!done))
}

/// What a node process does before anything else: a name in the process table, logs, and a wake-up when the runner dies.
fn watch_over(node: &str) {
    // The first 15 bytes of this are what `ps` and `top` show.
    let _ = std::fs::write("/proc/self/comm", format!("noob:{node}"));
    // A stopped process does not notice that its input has ended; the kernel wakes it when the runner is gone.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::CONT));
    let filter = std::env::var(LOG_ENV)
        .or_else(|_| std::env::var("RUST_LOG"))
        .unwrap_or_else(|_| "warn".into());
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // It would say so by a panic: on a full disk a line of the log is lost, and nothing else.
        .log_internal_errors(false)
        .without_time()
        .with_ansi(false)
        .try_init();
}

/// Is the node that this process was started as, from its instructions on standard input to its end.
///
/// What fails here are instructions that cannot be read, a tube that this program cannot check, and sockets that cannot be opened. What the
/// node itself says is wrong is reported to the command node instead; what it gives is whether the node could be shut down.
fn host<A>(make: impl FnOnce(StandaloneNode, A::Sockets) -> A) -> Result<bool, NodeError>
where
    A: Actor + AsMut<NodeRunner> + 'static,
{
    let launch = Launch::read(&mut std::io::stdin().lock()).map_err(|error| {
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
    let place = Place {
        neighbours: PeerDirectory::beside(&directory, launch.hosts),
        directory: directory.clone(),
        foreground: false,
    };
    let watch = |handle| when_orphaned(handle, directory);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve(launch, place, make, watch));
    runtime.shutdown_timeout(Duration::from_millis(100));
    outcome
}

/// Where a node is hosted.
pub(crate) struct Place {
    /// What it knows of other hosts.
    pub(crate) neighbours: PeerDirectory,
    /// The directory of its run.
    pub(crate) directory: PathBuf,
    /// Whether a person has started it, and may end it by Ctrl-C.
    pub(crate) foreground: bool,
}

/// Is a node, from its instructions to its end; gives whether it could be shut down. `watch` has it shut down when its runner is gone, and
/// gives whether that has happened.
pub(crate) async fn serve<A>(
    launch: Launch,
    place: Place,
    make: impl FnOnce(StandaloneNode, A::Sockets) -> A,
    watch: impl FnOnce(Handle<A>) -> Arc<AtomicBool>,
) -> Result<bool, NodeError>
where
    A: Actor + AsMut<NodeRunner> + 'static,
{
    let registry = Registry::get().map_err(|error| NodeError::new(error.to_string()))?;
    let mut tube = launch
        .recipe
        .make(registry)
        .map_err(|errors| NodeError::new(errors.to_string()))?;
    for node in tube.nodes.values_mut() {
        if let Some(enabled) = launch.enabled.get(&*node.id) {
            node.enabled = *enabled;
        }
    }
    let tube = Arc::new(tube);
    let scope = Scope {
        runtime_dir: launch.runtime_dir.clone(),
        runner_id: launch.runner_id.clone(),
        id: launch.node_id.clone(),
    };
    let (closed, closing) = tokio::sync::oneshot::channel::<bool>();
    let hosted = NodeConfig::find(Arc::clone(&tube), &launch.node_id)?
        .starting_at(launch.first_epoch)
        .incarnated(launch.incarnation)
        .supervised(launch.supervision);
    let timeout = hosted.supervision.timeout;
    let node = StandaloneNode {
        hosted,
        scope: scope.clone(),
        closed: Box::new(|well| {
            let _ = closed.send(well);
        }),
        timed: false,
        neighbours: place.neighbours.clone(),
    };
    let opener = place
        .neighbours
        .opener(<A::Sockets as Sockets>::SPEC, scope);
    let actor = ActorLoop::open_with(opener, |sockets| make(node, sockets)).await?;
    let actor = actor.on_idle(|actor| actor.as_mut().flush());
    let handle = actor.handle();
    let orphaned = watch(handle.clone());
    begin(&handle, launch.node_id, tube);
    let mut acting = tokio::spawn(actor.run());
    let mut beat = tokio::time::interval(
        timeout.map_or(BEAT.0, |timeout| (timeout / 8).clamp(BEAT.1, BEAT.0)),
    );
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    tokio::pin!(closing);
    let well = loop {
        tokio::select! {
            closed = &mut closing => break closed.unwrap_or(true),
            // It does not end by itself but by a fault of ours; then nobody serves the sockets any more.
            ended = &mut acting => return Err(NodeError::new(match ended {
                Ok(()) => "the loop of the node ended".to_owned(),
                Err(error) => format!("the loop of the node ended: {error}"),
            })),
            _ = terminated.recv() => {
                let _ = handle.tell(|actor| actor.as_mut().deinit());
            }
            _ = beat.tick() => {
                let _ = handle.tell(|actor| actor.as_mut().beat());
            }
            // Ctrl-C is for the runner, which then tells its nodes.
            _ = interrupted.recv() => if place.foreground {
                let _ = handle.tell(|actor| actor.as_mut().deinit());
            },
        }
    };
    handle.stop();
    let _ = acting.await;
    if orphaned.load(Ordering::Acquire) {
        crate::transport::remove(&place.directory);
    }
    Ok(well)
}

/// Has the node made and initialised on its own thread.
fn begin<A: AsMut<NodeRunner> + 'static>(handle: &Handle<A>, id: String, tube: Arc<Tube>) {
    let waker = handle.clone();
    let _ = handle.tell(move |actor| {
        let runner = actor.as_mut();
        tokio::spawn(collect(Arc::clone(&runner.collector), waker.clone()));
        let checkpoints = runner.checkpoints.clone();
        let make = move || make_hosted(&tube, &id, checkpoints.as_ref());
        let wake = move || {
            let _ = waker.tell(|actor| actor.as_mut().take_results());
        };
        if let Err(error) = runner.init(make, wake) {
            runner.error(crate::runner::Phase::Init, None, error.into());
        }
    });
}

/// Has results taken up a moment after a number of calls was handed over: should one of them be slow, those before it are not held up.
async fn collect<A: AsMut<NodeRunner> + 'static>(handed: Arc<Notify>, handle: Handle<A>) {
    loop {
        handed.notified().await;
        tokio::time::sleep(COLLECT).await;
        if handle.tell(|actor| actor.as_mut().take_results()).is_err() {
            return;
        }
    }
}

/// Watches standard input, which ends when the runner does: then has the node shut down, and what the run has left removed, in the order
/// of things or by force. Gives whether that has happened.
fn when_orphaned<A>(handle: Handle<A>, directory: PathBuf) -> Arc<AtomicBool>
where
    A: AsMut<NodeRunner> + 'static,
{
    let orphaned = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&orphaned);
    let watch = move || {
        let mut rest = [0; 64];
        while !matches!(std::io::stdin().lock().read(&mut rest), Ok(0)) {}
        told.store(true, Ordering::Release);
        let _ = handle.tell(|actor| actor.as_mut().deinit());
        // In the ordinary course the process is gone before this is over.
        std::thread::park_timeout(ORPHANED);
        crate::transport::remove(&directory);
        std::process::exit(1);
    };
    let _ = std::thread::Builder::new()
        .name("noob-zmq-watch".into())
        .spawn(watch);
    orphaned
}

//! The ZMQ runner: a process for every node, a command node that tells them what to do.

use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::child::Child;
use super::command::{Callback, CommandNode, Report};
use super::engine::{Callbacks, Engine, Orders};
use super::launch::{Launch, NODE_ENV};
use crate::actor::{Actor, ActorError, ActorLoop, Handle, Scope};
use crate::graph::{Epoch, Map, Name, Plan, Supervision, Tube, TubeNodeKind, Value};
use crate::runner::ahead::{Ahead, Drive, Pace};
use crate::runner::inputs::EpochInputs;
use crate::runner::values::{MAX_ITER_LOOPS, Reading};
use crate::runner::{EventCallback, NodeDeath, RunError, Runner, Stopper, Values};
use crate::transport::{Protocol, RuntimeDir, runtime_root};
use crate::wire::Resume;

/// Runs a tube with every node in a process of its own. Dropping it ends all of them.
///
/// ```no_run
/// use noob_zmq::runner::{Runner, ZmqRunner};
/// # fn example(tube: noob_zmq::graph::Tube) -> Result<(), noob_zmq::runner::RunError> {
/// let mut runner = ZmqRunner::new(tube);
/// runner.init()?;
/// let first = runner.process(Default::default())?;
/// let more = runner.run(Some(100))?;
/// # Ok(()) }
/// ```
pub struct ZmqRunner<A: Actor = CommandNode> {
    tube: Arc<Tube>,
    settings: Settings,
    make: Arc<Make<A>>,
    running: Option<Running<A>>,
    ahead: Ahead,
    pace: Pace,
    callbacks: Callbacks,
    max_iter_loops: u64,
}

type Make<A> = dyn Fn(CommandNode, <A as Actor>::Sockets) -> A + Send + Sync;

#[derive(Debug, Clone)]
struct Settings {
    runtime_dir: PathBuf,
    ready_timeout: Duration,
    quit_timeout: Duration,
    supervision: Supervision,
}

struct Running<A> {
    handle: Handle<A>,
    engine: Shared,
    runner_id: String,
    processes: Vec<(Name, u32)>,
    quit: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

type Shared = Arc<Mutex<Engine>>;

fn lock(engine: &Shared) -> MutexGuard<'_, Engine> {
    engine.lock().unwrap_or_else(PoisonError::into_inner)
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
        let settings = Settings {
            runtime_dir: runtime_root(),
            ready_timeout: Duration::from_secs(30),
            quit_timeout: Duration::from_secs(2),
            supervision: Supervision::default(),
        };
        let pace = Pace {
            window: 64,
            can_run: Plan::new(&tube).can_run(),
            stopper: Stopper::default(),
        };
        Self {
            tube: Arc::new(tube),
            settings,
            make: Arc::new(make),
            running: None,
            ahead: Ahead::default(),
            pace,
            callbacks: Callbacks::default(),
            max_iter_loops: MAX_ITER_LOOPS,
        }
    }

    /// Has sockets put below another directory than [`runtime_root`]; it must be private, or not there yet.
    #[must_use]
    pub fn runtime_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.settings.runtime_dir = directory.into();
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
    pub const fn window(mut self, epochs: u32) -> Self {
        self.pace.window = epochs;
        self
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
    pub fn processes(&self) -> &[(Name, u32)] {
        self.running
            .as_ref()
            .map_or(&[], |running| &running.processes)
    }

    /// The running actor, for those who want to look at it or speak through it.
    #[must_use]
    pub fn handle(&self) -> Option<Handle<A>> {
        self.running.as_ref().map(|running| running.handle.clone())
    }

    /// What drives the run, and what was asked of it.
    fn started(&mut self) -> Result<(&Running<A>, &mut Ahead), RunError> {
        self.init()?;
        match &self.running {
            Some(running) => Ok((running, &mut self.ahead)),
            None => Err(RunError::Closed("it was not started".into())),
        }
    }
}

impl<A> Runner for ZmqRunner<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    fn init(&mut self) -> Result<(), RunError> {
        if let Some(running) = &self.running {
            return match lock(&running.engine).broken() {
                Some(broken) => Err(RunError::Closed(broken.to_string())),
                None => Ok(()),
            };
        }
        if let Some(node) = std::env::var_os(NODE_ENV) {
            return Err(RunError::NotANode {
                node: node.to_string_lossy().into_owned(),
            });
        }
        let dir = RuntimeDir::create(&self.settings.runtime_dir)?;
        let first_epoch = self.ahead.restart();
        let engine = Arc::new(Mutex::new(Engine::new(
            Arc::clone(&self.tube),
            Arc::clone(&self.callbacks),
            first_epoch,
        )));
        let (tell, told) = mpsc::channel();
        let (quit, quitting) = oneshot::channel();
        let runner_id = dir.runner_id().to_owned();
        let life = Life {
            tube: Arc::clone(&self.tube),
            settings: self.settings.clone(),
            make: Arc::clone(&self.make),
            engine: Arc::clone(&engine),
            first_epoch,
            dir,
            children: Vec::new(),
        };
        let failed = |why: &dyn fmt::Display| {
            RunError::Unsupported(format!("cannot start the thread of the runner: {why}"))
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("noob-zmq")
            .enable_all()
            .build()
            .map_err(|error| failed(&error))?;
        let thread = std::thread::Builder::new()
            .name("noob-zmq-runner".into())
            .spawn(move || {
                runtime.block_on(life.live(&tell, quitting));
                runtime.shutdown_timeout(Duration::from_millis(200));
            })
            .map_err(|error| failed(&error))?;
        match told.recv() {
            Ok(Ok((handle, processes))) => {
                self.running = Some(Running {
                    handle,
                    engine,
                    runner_id,
                    processes,
                    quit: Some(quit),
                    thread: Some(thread),
                });
                Ok(())
            }
            Ok(Err(error)) => {
                let _ = thread.join();
                Err(error)
            }
            Err(_) => {
                let _ = thread.join();
                Err(RunError::Closed(
                    "its thread ended before it was started".into(),
                ))
            }
        }
    }

    fn process(&mut self, input: Map) -> Result<Option<Value>, RunError> {
        let inputs = EpochInputs::check(&self.tube, input)?;
        let (running, ahead) = self.started()?;
        ahead.process(running, inputs)
    }

    fn iter(&mut self, n: Option<u64>) -> Result<Values<'_>, RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        let returns = self.tube.return_node().is_some();
        let mut reading = Reading::new(n, self.max_iter_loops, returns);
        let pace = self.pace.clone();
        let (running, ahead) = self.started()?;
        Ok(Values::new(std::iter::from_fn(move || {
            ahead.read(running, &pace, &mut reading)
        })))
    }

    fn run_each(
        &mut self,
        n: Option<u64>,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        EpochInputs::check(&self.tube, Map::new())?;
        let pace = self.pace.clone();
        let (running, ahead) = self.started()?;
        ahead.run_each(running, &pace, n, each)
    }

    fn deinit(&mut self) -> Result<(), RunError> {
        self.end();
        Ok(())
    }

    fn stopper(&self) -> Stopper {
        self.pace.stopper.clone()
    }

    fn running(&self) -> bool {
        self.running.is_some()
    }

    fn add_callback(&mut self, callback: EventCallback) {
        self.callbacks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(callback);
    }

    fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value> {
        self.ahead.collect_return(epoch)
    }

    fn max_iter_loops(&self) -> u64 {
        self.max_iter_loops
    }

    fn set_max_iter_loops(&mut self, epochs: u64) {
        self.max_iter_loops = epochs;
    }
}

impl<A> Drive for Running<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    fn tell(
        &self,
        errand: impl FnOnce(&mut Engine, &dyn Orders) + Send + 'static,
    ) -> Result<(), RunError> {
        let engine = Arc::clone(&self.engine);
        self.handle
            .tell(move |actor| errand(&mut lock(&engine), &Telling(actor.as_mut())))
            .map_err(|error| RunError::Closed(error.to_string()))
    }
}

impl<A: Actor> ZmqRunner<A> {
    fn end(&mut self) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        drop(running.quit.take());
        if let Some(thread) = running.thread.take() {
            let _ = thread.join();
        }
    }
}

impl<A: Actor> Drop for ZmqRunner<A> {
    fn drop(&mut self) {
        self.end();
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

/// Carries the engine's orders to the nodes.
struct Telling<'a>(&'a CommandNode);

impl Telling<'_> {
    fn told(what: Result<(), ActorError>) {
        if let Err(error) = what {
            tracing::error!(%error, "the nodes cannot be told what to do");
        }
    }
}

impl Orders for Telling<'_> {
    fn process(&self, epoch: u32, input: Map) {
        Self::told(self.0.process(Epoch::root(epoch), input));
    }

    fn start(&self, n: u32) {
        Self::told(self.0.start(Some(n)));
    }

    fn epoch_ended(&self, epoch: u32) {
        Self::told(self.0.epoch_ended(Epoch::root(epoch)));
    }

    fn stop(&self) {
        Self::told(self.0.stop());
    }

    fn resume(&self, resume: &Resume) {
        Self::told(self.0.resume(resume));
    }
}

/// What lives on the runner's thread, from `init` to `deinit`.
struct Life<A: Actor> {
    tube: Arc<Tube>,
    settings: Settings,
    make: Arc<Make<A>>,
    engine: Shared,
    first_epoch: u32,
    dir: RuntimeDir,
    children: Vec<Child>,
}

/// What `init` is told: the handle and the process ids, or why there are none.
type Started<A> = Result<(Handle<A>, Vec<(Name, u32)>), RunError>;

impl<A> Life<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    /// Starts all, says so (or why not), waits until `quit` is dropped, and ends all.
    async fn live(mut self, tell: &mpsc::Sender<Started<A>>, mut quit: oneshot::Receiver<()>) {
        let actor = match self.open().await {
            Ok(actor) => actor,
            Err(error) => {
                let _ = tell.send(Err(error));
                return;
            }
        };
        let handle = actor.handle();
        let mut acting = tokio::spawn(actor.run());
        let started = self.start(&handle).await;
        let ready = started.is_ok();
        let told = tell.send(started.map(|processes| (handle.clone(), processes)));
        if ready && told.is_ok() {
            tokio::select! {
                _ = &mut quit => {}
                // It does not end by itself but by a fault: a handler that panics. Whoever waits for an answer gets this one.
                ended = &mut acting => {
                    let why = ended.err().map_or_else(|| "it was stopped".to_owned(), |error| error.to_string());
                    lock(&self.engine).break_down(RunError::Closed(format!("the loop of the command node ended: {why}")));
                    let _ = quit.await;
                }
            }
        }
        self.end(&handle).await;
        handle.stop();
        if !acting.is_finished() {
            let _ = acting.await;
        }
        drop(self.dir);
    }

    async fn open(&self) -> Result<ActorLoop<A>, RunError> {
        let command = CommandNode::new(self.dir.runner_id(), Protocol::Ipc, None)?
            .in_directory(self.dir.root());
        let scope: Scope = command.scope().clone();
        let make = Arc::clone(&self.make);
        let engine = Arc::clone(&self.engine);
        let opened = ActorLoop::open(scope, move |sockets| {
            let mut actor = make(command, sockets);
            let command = actor.as_mut();
            let hearing = Arc::clone(&engine);
            command.add_callback(Callback::inbox(move |command, events| {
                lock(&hearing).hear(&Telling(command), &events.0);
            }));
            let joined = Arc::clone(&engine);
            command.add_callback(Callback::joined(move |command| {
                lock(&joined).joined(&Telling(command));
            }));
            command.add_callback(Callback::router(move |command, report| {
                if let Report::Error(failure) = report {
                    lock(&engine).failure(&Telling(command), super::report::failure(failure));
                }
            }));
            actor
        });
        opened.await.map_err(|error| match error {
            ActorError::Transport(error) => RunError::Transport(error),
            error => RunError::Unsupported(error.to_string()),
        })
    }

    async fn start(&mut self, handle: &Handle<A>) -> Result<Vec<(Name, u32)>, RunError> {
        let (failed, failing) = oneshot::channel();
        lock(&self.engine).watch_startup(failed);
        let hosted: Vec<(Name, Name)> = self
            .tube
            .nodes
            .values()
            .filter(|node| node.enabled && node.kind != TubeNodeKind::Return)
            .map(|node| (node.id.clone(), node.type_name.clone()))
            .collect();
        let command = CommandNode::new(self.dir.runner_id(), Protocol::Ipc, None)?
            .in_directory(self.dir.root());
        let mut launch = Launch {
            version: env!("CARGO_PKG_VERSION").into(),
            node_id: String::new(),
            runner_id: self.dir.runner_id().into(),
            runtime_dir: self.dir.root().to_owned(),
            command_outbox: command.pub_address()?.to_string(),
            command_router: command.router_address()?.to_string(),
            supervision: self.settings.supervision,
            recipe: (*self.tube.recipe).clone(),
            first_epoch: self.first_epoch,
        };
        for (node, type_name) in &hosted {
            launch.node_id = node.to_string();
            let exited = self.exited(handle, node.clone());
            self.children
                .push(Child::start(&launch, type_name, exited).await?);
        }
        let nodes: Vec<Name> = hosted.into_iter().map(|(node, _)| node).collect();
        let ready = CommandNode::await_ready(handle, nodes.clone(), self.settings.ready_timeout);
        tokio::select! {
            ready = ready => ready?,
            Ok(error) = failing => return Err(error),
        }
        lock(&self.engine).set_ready();
        let pids = self.children.iter().map(Child::pid);
        Ok(nodes
            .into_iter()
            .zip(pids)
            .filter_map(|(node, pid)| Some((node, pid?)))
            .collect())
    }

    /// What is done when the process of a node has ended.
    fn exited(
        &self,
        handle: &Handle<A>,
        node: Name,
    ) -> impl FnOnce(super::child::Exit, Vec<String>) + Send + 'static + use<A> {
        let (engine, _handle) = (Arc::clone(&self.engine), handle.clone());
        move |exit, stderr| {
            let mut engine = lock(&engine);
            let death = NodeDeath {
                place: engine.place(&node),
                node,
                how: exit.to_string(),
                epoch: engine.waiting_for(),
                ready: engine.is_ready(),
                stderr,
            };
            tracing::debug!("{death}");
            engine.break_down(RunError::Died(Box::new(death)));
        }
    }

    async fn end(&mut self, handle: &Handle<A>) {
        lock(&self.engine).break_down(RunError::Closed("it was shut down".into()));
        let _ = handle.tell(|actor| {
            let _ = actor.as_mut().deinit();
        });
        let patience = self.settings.quit_timeout * 2 / 3;
        let mut ending = tokio::task::JoinSet::new();
        for mut child in self.children.drain(..) {
            ending.spawn(async move { child.end(patience).await });
        }
        while ending.join_next().await.is_some() {}
    }
}

//! Runner whose nodes run concurrently in this process, on threads of a tokio runtime.
//!
//! This file starts and stops the nodes; `host` calls them. The caller's side of a run, with its
//! several open epochs, is [`PipelinedRunner`].

mod host;

use std::sync::{Arc, Mutex};

use tokio::runtime::Runtime;

use self::host::{Host, NodeState};
use crate::actor;
use crate::graph::{NodeIx, Plan, Tube, TubeNode};
use crate::node::{Node, NodeError};
use crate::runner::RunError;
use crate::runner::coordinator::{Coordinator, EventObservers};
use crate::runner::enablement::Reconfigure;
use crate::runner::error::{keep_first, log_error};
use crate::runner::node_factory::{make_nodes, remake_moved_gathers};
use crate::runner::pipeline::{
    Backend, CoordinatorHandle, InFlightWindow, PipelinedRunner, RunStart, block_on,
};
use crate::runner::sync::make_node;
use crate::runner::tracer::Tracer;
use crate::runner::watch::in_process::NodeMeters;
use crate::runner::watch::watcher::Watcher;
use crate::sync::lock;

/// Runs a tube in this process, nodes concurrently: calls of one node come one after the other, on
/// threads of a tokio runtime for blocking code; several epochs are open at once.
///
/// The values and their order are those of [`SyncRunner`](crate::runner::SyncRunner). Nodes that
/// wait or compute for long gain by it; where calls are short, handing them from thread to thread
/// costs more than they do.
///
/// After an error of a node the epoch is dropped, and the next
/// [`process`](crate::runner::RunnerExt::process) runs the next one. A panic of a node is an error
/// of that node.
///
/// ```
/// use noob_zmq::prelude::*;
///
/// #[node(name = "rocket.countdown")]
/// fn countdown(from: u64) -> impl Iterator<Item = u64> {
///     (0..from).rev()
/// }
///
/// let text = "
///     noob_id: launch
///     nodes:
///       count: {type: rocket.countdown, params: {from: 3}}
///       return: {type: return, depends: count.value}
/// ";
/// let mut runner = TaskRunner::new(tube::from_text("launch.yaml", text, ())?)?.window(8);
/// assert_eq!(runner.run_all_as::<u64>()?, [2, 1, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type TaskRunner = PipelinedRunner<TaskBackend>;

/// Nodes of a [`TaskRunner`].
pub struct TaskBackend {
    plan: Arc<Plan>,
    nodes: Arc<[Option<NodeState>]>,
    /// Set from `init` to `deinit`.
    running: Option<Running>,
}

/// Threads and coordinator of a run.
struct Running {
    runtime: Option<Runtime>,
    host: Host,
    watcher: Watcher,
}

impl TaskRunner {
    /// Returns a runner of this tube, with the node types that it was loaded with.
    ///
    /// Nothing is started yet.
    ///
    /// # Errors
    /// A node that cannot be made: its type is not known, or its params are not right.
    pub fn new(tube: Tube) -> Result<Self, RunError> {
        let types = tube.types.clone();
        Self::with_nodes(tube, |plan, node| make_node(&types, plan, node))
    }

    /// Returns a runner whose nodes are made by `make`, which is called for each node but the
    /// `return`, in the order of the file.
    ///
    /// # Errors
    /// The error of `make`, with the node and its place.
    pub fn with_nodes(
        tube: Tube,
        make: impl FnMut(&Plan, &TubeNode) -> Result<Box<dyn Node>, NodeError>,
    ) -> Result<Self, RunError> {
        let plan = Arc::new(Plan::new(&tube));
        let nodes = make_nodes(&tube, &plan, make)?;
        let nodes = nodes.into_iter().map(|node| {
            node.map(|node| NodeState {
                node: Mutex::new(node),
                queue: Mutex::default(),
            })
        });
        let backend = TaskBackend {
            plan,
            nodes: nodes.collect(),
            running: None,
        };
        Ok(Self::with_backend(tube, backend, InFlightWindow::default()))
    }
}

impl TaskBackend {
    /// Returns the nodes that are enabled in this tube.
    fn enabled<'a>(&'a self, tube: &'a Tube) -> impl Iterator<Item = (NodeIx, &'a NodeState)> {
        let nodes = self.plan.nodes().zip(&*self.nodes);
        nodes.filter_map(|(ix, state)| {
            let node = tube.nodes.get(self.plan.node_name(ix))?;
            Some((ix, state.as_ref().filter(|_| node.enabled)?))
        })
    }

    /// Shuts down the nodes before `end`, and returns the first error.
    fn deinit_nodes(&self, tube: &Tube, end: usize) -> Result<(), RunError> {
        let mut outcome = Ok(());
        for (ix, state) in self.enabled(tube).filter(|(ix, _)| ix.index() < end) {
            lock(&state.queue).calls.clear();
            let stopped = state.set_live(tube, self.plan.node_name(ix), false);
            keep_first(&mut outcome, stopped);
        }
        outcome
    }

    fn coordinator(tube: &Arc<Tube>, observers: &EventObservers, first_epoch: u32) -> Coordinator {
        let (tube, observers) = (Arc::clone(tube), Arc::clone(observers));
        Coordinator::new(tube, observers, first_epoch, actor::now)
    }
}

#[expect(private_interfaces, reason = "the trait is sealed: it is not exported")]
impl Backend for TaskBackend {
    const NAME: &'static str = "TaskRunner";
    const KIND: &'static str = "task";
    const HAS_PROCESSES: bool = false;

    fn is_running(&self) -> bool {
        self.running.is_some()
    }

    fn start(&mut self, run: &RunStart<'_>) -> Result<CoordinatorHandle, RunError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(self.nodes.len().max(1))
            .thread_name("noob-zmq-task")
            .enable_all()
            .build()
            .map_err(|error| RunError::thread("the threads of the runner", error))?;
        for (ix, state) in self.enabled(run.tube) {
            if let Err(error) = state.set_live(run.tube, self.plan.node_name(ix), true) {
                log_error(self.deinit_nodes(run.tube, ix.index()));
                // Not a drop: that would block, which tokio forbids where the caller is async.
                runtime.shutdown_background();
                return Err(error);
            }
        }
        let tracer = Tracer::of_run(run.tube, None, run.watcher);
        lock(&run.observers).tracer = tracer.clone();
        let coordinator = Self::coordinator(run.tube, &run.observers, run.first_epoch);
        let host = Host {
            runtime: runtime.handle().clone(),
            coordinator: Arc::new(Mutex::new(coordinator)),
            nodes: Arc::clone(&self.nodes),
            busy: Arc::default(),
            plan: Arc::clone(&self.plan),
            meters: Arc::new(NodeMeters::new(run.tube, &self.plan, run.watcher.taps())),
            tracer,
        };
        show_status(run.watcher, &host, run.tube);
        self.running = Some(Running {
            runtime: Some(runtime),
            host: host.clone(),
            watcher: run.watcher.clone(),
        });
        Ok(Box::new(move |call| {
            host.submit(call);
            Ok(())
        }))
    }

    fn stop(&mut self, tube: &Tube) -> Result<(), RunError> {
        // The drop waits for calls in progress, so that no node is called during its `deinit`.
        drop(self.running.take());
        self.deinit_nodes(tube, self.plan.node_count())
    }

    fn reconfigure(
        &mut self,
        change: &Reconfigure,
        observers: &EventObservers,
    ) -> Result<(), RunError> {
        let tube = &change.tube;
        let plan = Arc::new(Plan::new(tube));
        let gathers = remake_moved_gathers(tube, &self.plan, &plan)?;
        let state = self.plan.node_index(&change.node).map(NodeIx::index);
        let state = state.and_then(|ix| self.nodes.get(ix)?.as_ref());
        let changed = match state.filter(|_| self.running.is_some()) {
            Some(state) => state.set_live(tube, &change.node, change.enabled),
            None => Ok(()),
        };
        if change.enabled {
            changed.clone()?;
        }
        for (gather, made) in gathers {
            if let Some(Some(state)) = self.nodes.get(gather.index()) {
                *lock(&state.node) = made;
            }
        }
        self.plan = plan;
        if let Some(running) = &self.running {
            let mut coordinator = lock(&running.host.coordinator);
            *coordinator = Self::coordinator(tube, observers, change.first_epoch)
                .continue_from(&mut coordinator);
            drop(coordinator);
            show_status(&running.watcher, &running.host, tube);
        }
        changed
    }
}

/// Has readers of the status see this run.
fn show_status(watcher: &Watcher, host: &Host, tube: &Arc<Tube>) {
    let (host, tube) = (host.clone(), Arc::clone(tube));
    watcher.set_live(move || host.status(&tube));
}

impl Drop for Running {
    fn drop(&mut self) {
        lock(&self.host.coordinator).close();
        for state in self.host.nodes.iter().flatten() {
            lock(&state.queue).calls.clear();
        }
        let mut busy = self.host.busy.subscribe();
        let _ = block_on(busy.wait_for(|count| *count == 0));
        if let Some(runtime) = self.runtime.take() {
            // All calls have ended, so no thread is lost; a drop would block, which tokio forbids
            // where the caller is async.
            runtime.shutdown_background();
        }
    }
}

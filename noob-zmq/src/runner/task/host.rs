//! Calls the nodes of a [`TaskRunner`](super::TaskRunner): each node has a queue of calls, and a
//! thread while there are some.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::graph::{NodeIx, Plan, Tube};
use crate::node::{Inputs, Node, Outputs, with_blocking_allowed};
use crate::runner::coordinator::{Action, Coordinator};
use crate::runner::node_factory;
use crate::runner::panic_guard::catch_panic;
use crate::runner::pipeline::CoordinatorCall;
use crate::runner::tracer::Tracer;
use crate::runner::watch::in_process::NodeMeters;
use crate::runner::watch::report::RunStatus;
use crate::runner::{NodeFailure, RunError};
use crate::sync::lock;

/// A node, and its queue of calls.
pub(super) struct NodeState {
    pub(super) node: Mutex<Box<dyn Node>>,
    pub(super) queue: Mutex<CallQueue>,
}

#[derive(Default)]
pub(super) struct CallQueue {
    pub(super) calls: VecDeque<Inputs>,
    /// Failed epochs of which the node is not yet notified.
    pub(super) failed: Vec<u32>,
    /// Whether a thread takes the calls, one after the other.
    pub(super) has_thread: bool,
}

/// Calls nodes on threads of the runtime.
#[derive(Clone)]
pub(super) struct Host {
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) coordinator: Arc<Mutex<Coordinator>>,
    pub(super) nodes: Arc<[Option<NodeState>]>,
    /// Number of nodes that have a thread.
    pub(super) busy: Arc<watch::Sender<usize>>,
    /// Plan at the start: nodes and signals keep their numbers when the tube is planned anew.
    pub(super) plan: Arc<Plan>,
    pub(super) meters: Arc<NodeMeters>,
    pub(super) tracer: Tracer,
}

impl Host {
    /// Runs a call of the coordinator, and carries out what it asks for.
    pub(super) fn submit(&self, call: CoordinatorCall) {
        let mut coordinator = lock(&self.coordinator);
        call(&mut coordinator);
        self.perform(&mut coordinator);
    }

    /// Carries out the decisions of the coordinator.
    fn perform(&self, coordinator: &mut Coordinator) {
        while let Some(action) = coordinator.poll_action() {
            match action {
                Action::Call { node, inputs, .. } => self.call(node, inputs),
                Action::EpochsEnded { failed, .. } if !failed.is_empty() => {
                    self.discard_calls(&failed);
                }
                Action::Reject { node, reason } => {
                    tracing::warn!(%node, "an event is rejected: {reason}");
                }
                // The coordinator schedules all nodes in this process, so no node must be notified.
                Action::EpochsEnded { .. }
                | Action::Process { .. }
                | Action::Start(_)
                | Action::Observe
                | Action::Stop
                | Action::Resume(_) => {}
            }
        }
    }

    /// Discards the queued calls of failed epochs, and notifies the nodes before their next calls.
    fn discard_calls(&self, failed: &[u32]) {
        for state in self.nodes.iter().flatten() {
            let mut queue = lock(&state.queue);
            queue
                .calls
                .retain(|inputs| !failed.contains(&inputs.epoch.number()));
            queue.failed.extend(failed);
        }
    }

    /// Queues a call of a node, and starts a thread for the node if it has none.
    fn call(&self, node: NodeIx, inputs: Inputs) {
        let Some(Some(state)) = self.nodes.get(node.index()) else {
            return;
        };
        let mut queue = lock(&state.queue);
        queue.calls.push_back(inputs);
        if !std::mem::replace(&mut queue.has_thread, true) {
            self.busy.send_modify(|count| *count += 1);
            let host = self.clone();
            self.runtime
                .spawn_blocking(move || with_blocking_allowed(|| host.make_calls(node)));
        }
    }

    /// Makes the queued calls of a node, one after the other.
    fn make_calls(&self, node: NodeIx) {
        if let Some(Some(state)) = self.nodes.get(node.index()) {
            while let Some(inputs) = state.next() {
                self.make_call(node, state, &inputs);
            }
        }
        self.busy.send_modify(|count| *count -= 1);
    }

    /// Returns the status of the run.
    pub(super) fn status(&self, tube: &Tube) -> RunStatus {
        let mut status = RunStatus::of(tube, "task");
        let coordinator = lock(&self.coordinator);
        coordinator.fill_status(&mut status);
        for report in &mut status.nodes {
            let node = self.plan.node_index(&report.node);
            report.lag = node.map(|node| coordinator.lag(self.meters.newest(node)));
        }
        // The lock of a queue is not taken under that of the coordinator here: it is elsewhere.
        drop(coordinator);
        self.meters.fill(&self.plan, &mut status);
        for (node, state) in self.plan.nodes().zip(&*self.nodes) {
            let name = self.plan.node_name(node);
            let report = status.nodes.iter_mut().find(|node| node.node == *name);
            if let (Some(report), Some(state)) = (report, state) {
                report.queue = lock(&state.queue).calls.len() as u64;
            }
        }
        status
    }

    fn make_call(&self, node: NodeIx, state: &NodeState, inputs: &Inputs) {
        let mut outputs = Outputs::default();
        let failed = std::mem::take(&mut lock(&state.queue).failed);
        let call = self.meters.begin(node, inputs.epoch.number());
        let begun = self.tracer.begin_call();
        let outcome = catch_panic(|| {
            let mut node = lock(&state.node);
            for epoch in failed {
                node.epoch_failed(epoch);
            }
            node.process(inputs, &mut outputs)
        });
        self.meters.end(node, &call);
        let name = self.plan.node_name(node);
        self.tracer.end_call(name, &inputs.epoch, begun, &outcome);
        for output in outputs.emitted() {
            if let Some(signal) = self.plan.signal_index(node, &output.signal) {
                self.meters.emit(signal, &output.value);
                let epoch = output.epoch.as_ref().unwrap_or(&inputs.epoch);
                self.meters.tap(&self.plan, signal, epoch, &output.value);
            }
        }
        let mut coordinator = lock(&self.coordinator);
        match outcome {
            Ok(()) => coordinator.on_call_finished(node, &inputs.epoch, outputs),
            Err(error) => {
                self.meters.fail(node, &error);
                let (name, epoch) = (coordinator.node_name(node), inputs.epoch.clone());
                coordinator.on_failure(NodeFailure::of_call(name, epoch, error));
            }
        }
        self.perform(&mut coordinator);
    }
}

impl NodeState {
    /// Initialises the node, or shuts it down.
    pub(super) fn set_live(&self, tube: &Tube, id: &str, live: bool) -> Result<(), RunError> {
        node_factory::set_live(tube, id, lock(&self.node).as_mut(), live)
    }

    /// Returns the next call; without one, the thread gives up the node.
    fn next(&self) -> Option<Inputs> {
        let mut queue = lock(&self.queue);
        let next = queue.calls.pop_front();
        queue.has_thread = next.is_some();
        next
    }
}

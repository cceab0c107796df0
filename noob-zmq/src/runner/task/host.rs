//! Where the nodes of a [`TaskRunner`](super::TaskRunner) are called: each has a seat, and a thread while there are calls for it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

use crate::graph::NodeIx;
use crate::node::{Inputs, Node, Outputs, with_blocking_allowed};
use crate::runner::coordinator::{Action, Coordinator};
use crate::runner::panic_guard::catch_panic;
use crate::runner::pipeline::CoordinatorHandle;
use crate::runner::{NodeFailure, Phase, RunError};
use crate::sync::{lock, wait};

/// A node, and the calls that it is to be given.
pub(super) struct Seat {
    pub(super) node: Mutex<Box<dyn Node>>,
    pub(super) desk: Mutex<Desk>,
}

#[derive(Default)]
pub(super) struct Desk {
    pub(super) calls: VecDeque<Inputs>,
    /// Epochs that have failed, of which the node was not told yet.
    pub(super) failed: Vec<u32>,
    /// A thread takes the calls, one after the other.
    pub(super) attended: bool,
}

/// How many nodes have a thread.
#[derive(Default)]
pub(super) struct Busy {
    count: Mutex<usize>,
    changed: Condvar,
}

impl CoordinatorHandle for Host {
    fn submit(
        &self,
        action: impl FnOnce(&mut Coordinator) + Send + 'static,
    ) -> Result<(), RunError> {
        let mut coordinator = lock(&self.coordinator);
        action(&mut coordinator);
        self.perform(&mut coordinator);
        Ok(())
    }
}

/// Calls nodes on threads of the runtime.
#[derive(Clone)]
pub struct Host {
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) coordinator: Arc<Mutex<Coordinator>>,
    pub(super) seats: Arc<[Option<Seat>]>,
    pub(super) busy: Arc<Busy>,
}

impl Host {
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
                // The coordinator schedules all nodes here, so these need no telling.
                Action::EpochsEnded { .. }
                | Action::Process { .. }
                | Action::Start(_)
                | Action::Stop
                | Action::Resume(_) => {}
            }
        }
    }

    /// Discards the queued calls of failed epochs, and has the nodes told before their next calls.
    fn discard_calls(&self, failed: &[u32]) {
        for seat in self.seats.iter().flatten() {
            let mut desk = lock(&seat.desk);
            desk.calls
                .retain(|inputs| !failed.contains(&inputs.epoch.number()));
            desk.failed.extend(failed);
        }
    }

    /// Queues a call of a node, and starts a thread for the node if it has none.
    fn call(&self, node: NodeIx, inputs: Inputs) {
        let Some(Some(seat)) = self.seats.get(node.index()) else {
            return;
        };
        let mut desk = lock(&seat.desk);
        desk.calls.push_back(inputs);
        if !std::mem::replace(&mut desk.attended, true) {
            self.busy.add();
            let host = self.clone();
            self.runtime
                .spawn_blocking(move || with_blocking_allowed(|| host.attend(node)));
        }
    }

    /// Makes the calls that are there for a node, one after the other.
    fn attend(&self, node: NodeIx) {
        if let Some(Some(seat)) = self.seats.get(node.index()) {
            while let Some(inputs) = seat.next() {
                self.make(node, seat, &inputs);
            }
        }
        self.busy.subtract();
    }

    fn make(&self, node: NodeIx, seat: &Seat, inputs: &Inputs) {
        let mut outputs = Outputs::default();
        let failed = std::mem::take(&mut lock(&seat.desk).failed);
        let outcome = catch_panic(|| {
            let mut node = lock(&seat.node);
            for epoch in failed {
                node.epoch_failed(epoch);
            }
            node.process(inputs, &mut outputs)
        });
        let mut coordinator = lock(&self.coordinator);
        match outcome {
            Ok(()) => coordinator.on_call_finished(node, &inputs.epoch, outputs),
            Err(error) => {
                let failure = NodeFailure {
                    node: coordinator.node_name(node),
                    place: None,
                    phase: Phase::Process,
                    epoch: Some(inputs.epoch.clone()),
                    error,
                };
                coordinator.on_failure(failure);
            }
        }
        self.perform(&mut coordinator);
    }
}

impl Seat {
    /// The next call; without one, nobody attends any more.
    fn next(&self) -> Option<Inputs> {
        let mut desk = lock(&self.desk);
        let next = desk.calls.pop_front();
        desk.attended = next.is_some();
        next
    }
}

impl Busy {
    fn add(&self) {
        *lock(&self.count) += 1;
    }

    fn subtract(&self) {
        *lock(&self.count) -= 1;
        self.changed.notify_all();
    }

    /// Waits until no node has a thread.
    pub(super) fn wait(&self) {
        let mut count = lock(&self.count);
        while *count > 0 {
            count = wait(&self.changed, count);
        }
    }
}

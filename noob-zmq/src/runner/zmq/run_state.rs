//! State of a run that its callers, its command node and its supervisor share.

use std::sync::{Mutex, MutexGuard};

use super::command::node_table::NodeTable;
use crate::runner::coordinator::Coordinator;
use crate::sync::lock;

/// State of a run.
///
/// No task holds both locks at once, nor one of them across an `await`.
pub(crate) struct RunState {
    coordinator: Mutex<Coordinator>,
    node_table: Mutex<NodeTable>,
}

impl RunState {
    pub(crate) const fn new(coordinator: Coordinator, node_table: NodeTable) -> Self {
        Self {
            coordinator: Mutex::new(coordinator),
            node_table: Mutex::new(node_table),
        }
    }

    // A panic under a lock ends the task that has panicked, and with it the run; whoever comes
    // afterwards still reads why, so a poisoned lock is no error.

    pub(crate) fn coordinator(&self) -> MutexGuard<'_, Coordinator> {
        lock(&self.coordinator)
    }

    pub(crate) fn node_table(&self) -> MutexGuard<'_, NodeTable> {
        lock(&self.node_table)
    }
}

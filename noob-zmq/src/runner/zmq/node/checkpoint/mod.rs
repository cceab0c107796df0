//! Checkpoints on the side of a node: after each call a stateful node reports its state together
//! with its results, and a process that takes the place of another goes on from the last of them.
//!
//! The event loop of the node and its worker thread share a [`CheckpointClient`].

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::graph::{Emit, Epoch, Value};
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::admission::SNAPSHOT;
use crate::runner::node_layer::{Layered, NodeLayer};
use crate::runner::panic_guard::catch_panic;
use crate::sync::lock;

/// States of a node, shared by its event loop and its worker thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct CheckpointClient {
    /// Number of this process among the processes of the node, from 0.
    incarnation: u32,
    states: Arc<Mutex<States>>,
}

#[derive(Debug, Default)]
struct States {
    /// States of earlier processes after these calls.
    restored: BTreeMap<Epoch, Value>,
    /// Failed epochs that these states may include.
    failed: BTreeSet<u32>,
    /// State of this process after a call that failed.
    after_failure: Option<(Epoch, Value)>,
}

impl CheckpointClient {
    /// Creates the client of the process with this number, from 0.
    pub(crate) fn new(incarnation: u32) -> Self {
        Self {
            incarnation,
            ..Self::default()
        }
    }

    fn states(&self) -> MutexGuard<'_, States> {
        // Held for moments only, and never while the node is called.
        lock(&self.states)
    }

    /// Adds states of earlier processes of this node.
    ///
    /// Those after calls that this process has made itself are ignored.
    pub(crate) fn add_restored_states(&self, states: impl IntoIterator<Item = (Epoch, Value)>) {
        self.states().restored.extend(states);
    }

    /// Sets the failed epochs that the states of earlier processes may include.
    pub(crate) fn set_failed_epochs(&self, epochs: impl IntoIterator<Item = u32>) {
        self.states().failed = epochs.into_iter().collect();
    }

    /// Discards all states: the node starts without state.
    pub(crate) fn clear(&self) {
        *self.states() = States::default();
    }

    /// Takes the state after a call that failed, if that was the last one.
    pub(crate) fn state_after_failure(&self, epoch: &Epoch) -> Option<Value> {
        let (failed, state) = self.states().after_failure.take()?;
        (failed == *epoch).then_some(state)
    }

    /// Wraps a node, so that it reports its state and goes on from that of earlier processes.
    pub(crate) fn wrap(&self, node: Box<dyn Node>) -> Box<dyn Node> {
        Box::new(Layered {
            node,
            layer: CheckpointLayer {
                client: self.clone(),
                last: None,
            },
        })
    }

    fn snapshot(&self, node: &dyn Node) -> Result<Option<Value>, NodeError> {
        let state = node.snapshot()?;
        Ok(state.map(|state| Value::from([self.incarnation.into(), state])))
    }
}

/// Layer around a node that reports its state after each call.
struct CheckpointLayer {
    client: CheckpointClient,
    /// Last call that the state of the node includes.
    last: Option<Epoch>,
}

impl CheckpointLayer {
    /// Restores the state after the last call before `epoch` that an earlier process has made, if
    /// this process has not made it.
    fn catch_up(&mut self, node: &mut dyn Node, epoch: &Epoch) -> Result<(), NodeError> {
        let mut states = self.client.states();
        if states.restored.is_empty() {
            return Ok(());
        }
        let later = states.restored.split_off(epoch);
        let before = std::mem::replace(&mut states.restored, later).pop_last();
        let failed = states.failed.clone();
        drop(states);
        if let Some((after, state)) = before
            && self.last.as_ref().is_none_or(|last| *last < after)
        {
            if let Err(error) = node.restore(&state) {
                // The next call must not start without state either.
                self.client.add_restored_states([(after, state)]);
                return Err(
                    error.context("what the process before this one knew cannot be restored")
                );
            }
            for failed in failed.range(..=after.number()) {
                node.epoch_failed(*failed);
            }
            self.last = Some(after);
        }
        Ok(())
    }
}

impl NodeLayer for CheckpointLayer {
    fn call(
        &mut self,
        node: &mut dyn Node,
        inputs: &Inputs,
        outputs: &mut Outputs,
    ) -> Result<(), NodeError> {
        self.catch_up(node, &inputs.epoch)?;
        self.last = Some(inputs.epoch.clone());
        // A panic leaves the node with the state that it had then, and it is called again.
        if let Err(error) = catch_panic(|| node.process(inputs, outputs)) {
            let state = catch_panic(|| self.client.snapshot(node));
            if let Ok(Some(state)) = state {
                self.client.states().after_failure = Some((inputs.epoch.clone(), state));
            }
            return Err(error);
        }
        if let Some(state) = self.client.snapshot(node)? {
            outputs.emit(SNAPSHOT, Emit::Value(state));
        }
        Ok(())
    }
}

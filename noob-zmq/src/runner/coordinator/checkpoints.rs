//! Checkpoints: states of nodes that a restarted process goes on from.
//!
//! After each call a restorable node reports its state together with its results. The store retains
//! the last state before the lowest open epoch, and all since.

use std::collections::{BTreeMap, HashMap};

use crate::graph::{Epoch, Name, Value};

/// Store of the checkpoints of all nodes.
#[derive(Debug, Default)]
pub(crate) struct CheckpointStore {
    nodes: HashMap<Name, NodeCheckpoints>,
    /// Epochs that have failed while checkpoints may have included them, each with the first epoch
    /// that was opened after the failure.
    failed: Vec<(u32, u32)>,
}

/// Checkpoints of one node.
#[derive(Debug, Default)]
struct NodeCheckpoints {
    /// Number of times that its process was restarted.
    restarts: u32,
    /// State after each call.
    states: BTreeMap<Epoch, Value>,
}

impl CheckpointStore {
    /// Records that the process of a node is restarted.
    pub(crate) fn on_restart(&mut self, node: &Name) {
        self.nodes.entry(node.clone()).or_default().restarts += 1;
    }

    /// Returns how often the process of a node was restarted.
    pub(crate) fn restarts(&self, node: &str) -> u32 {
        self.nodes.get(node).map_or(0, |known| known.restarts)
    }

    /// Records the state of a node after a call; every epoch below `floor` is closed.
    ///
    /// `reported` is the number of the process, from 0, and the state. Returns whether the state is
    /// news from a process that was replaced meanwhile, so that the new process must be sent it.
    pub(crate) fn record(
        &mut self,
        node: &Name,
        epoch: &Epoch,
        reported: &Value,
        floor: u32,
    ) -> bool {
        let Some([incarnation, state]) = reported.as_list() else {
            return false;
        };
        let known = self.nodes.entry(node.clone()).or_default();
        let is_late = incarnation
            .as_u64()
            .is_some_and(|incarnation| incarnation < known.restarts.into());
        // The first report of a call stands, as its first results do.
        let is_new = !known.states.contains_key(epoch);
        if is_new {
            known.states.insert(epoch.clone(), state.clone());
        }
        let floor = Epoch::root(floor);
        while known.states.keys().nth(1).is_some_and(|next| *next < floor) {
            known.states.pop_first();
        }
        is_late && is_new
    }

    /// Returns the number of retained states of a node.
    pub(crate) fn len_of(&self, node: &str) -> usize {
        self.nodes.get(node).map_or(0, |known| known.states.len())
    }

    /// Discards the states of a node that starts without state.
    pub(crate) fn clear(&mut self, node: &Name) {
        if let Some(known) = self.nodes.get_mut(node) {
            known.states.clear();
        }
    }

    /// Records that an epoch has failed; all below `next` were opened before that, and states after
    /// their calls may include the failed epoch.
    pub(crate) fn epoch_failed(&mut self, epoch: u32, next: u32) {
        if self.nodes.is_empty() {
            return;
        }
        let nodes = self.nodes.values();
        let oldest = nodes.filter_map(|known| known.states.keys().next());
        let oldest = oldest.map(Epoch::number).min().unwrap_or(u32::MAX);
        self.failed.retain(|(_, next)| oldest < *next);
        self.failed.push((epoch, next));
    }

    /// Returns the failed epochs that retained states may include.
    pub(crate) fn failed(&self) -> impl Iterator<Item = u32> {
        self.failed.iter().map(|(epoch, _)| *epoch)
    }

    /// Returns the states of all nodes whose processes were restarted, ordered by node.
    pub(crate) fn pending_restores(&self) -> Vec<(Name, Vec<(Epoch, Value)>)> {
        let restarted = self
            .nodes
            .iter()
            .filter(|(_, known)| known.restarts > 0 && !known.states.is_empty());
        let mut states: Vec<_> = restarted
            .map(|(node, known)| (node.clone(), known.states.clone().into_iter().collect()))
            .collect();
        states.sort_by(|(one, _), (other, _): &(Name, Vec<_>)| one.cmp(other));
        states
    }
}

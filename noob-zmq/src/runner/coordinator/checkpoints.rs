//! What nodes know that can be started again, as the runner keeps it.

use std::collections::{BTreeMap, HashMap};

use crate::graph::{Epoch, Name, Value};

/// What the runner keeps of what nodes know: what each knew before the lowest epoch that is open, and after each of its calls since.
#[derive(Debug, Default)]
pub(crate) struct CheckpointStore {
    nodes: HashMap<Name, NodeCheckpoints>,
    /// Epochs that have failed while nodes may have known something of them, each with the first epoch that was begun after that.
    failed: Vec<(u32, u32)>,
}

#[derive(Debug, Default)]
struct NodeCheckpoints {
    /// How often its process was started again.
    restarts: u32,
    states: BTreeMap<Epoch, Value>,
}

impl CheckpointStore {
    /// The process of a node is started again.
    pub(crate) fn restarted(&mut self, node: &Name) {
        let kept = self.nodes.entry(node.clone()).or_default();
        kept.restarts += 1;
    }

    /// How often the process of a node was started again.
    pub(crate) fn restarts(&self, node: &str) -> u32 {
        self.nodes.get(node).map_or(0, |kept| kept.restarts)
    }

    /// A node has said what it knows after a call; every epoch below `floor` is over. Says whether that comes from a process whose place
    /// another has taken, which must be told.
    pub(crate) fn heard(&mut self, node: &Name, epoch: &Epoch, said: &Value, floor: u32) -> bool {
        let Some([incarnation, state]) = said.as_list() else {
            return false;
        };
        let kept = self.nodes.entry(node.clone()).or_default();
        let late = incarnation
            .as_u64()
            .is_some_and(|incarnation| incarnation < kept.restarts.into());
        // What was said first stands, as with the results of the call.
        let new = !kept.states.contains_key(epoch);
        if new {
            kept.states.insert(epoch.clone(), state.clone());
        }
        let floor = Epoch::root(floor);
        while kept.states.keys().nth(1).is_some_and(|next| *next < floor) {
            kept.states.pop_first();
        }
        late && new
    }

    /// How many states of a node are kept.
    pub(crate) fn kept_of(&self, node: &str) -> usize {
        self.nodes.get(node).map_or(0, |kept| kept.states.len())
    }

    /// What a node has said it knows is of no use any more.
    pub(crate) fn forget(&mut self, node: &Name) {
        if let Some(kept) = self.nodes.get_mut(node) {
            kept.states.clear();
        }
    }

    /// An epoch has failed; all below `next` were begun before that. What nodes knew after those may tell of it.
    pub(crate) fn epoch_failed(&mut self, epoch: u32, next: u32) {
        if self.nodes.is_empty() {
            return;
        }
        let oldest = self
            .nodes
            .values()
            .filter_map(|kept| kept.states.keys().next());
        let oldest = oldest.map(Epoch::number).min().unwrap_or(u32::MAX);
        self.failed.retain(|(_, next)| oldest < *next);
        self.failed.push((epoch, next));
    }

    /// The epochs that have failed and that what nodes knew may tell of.
    pub(crate) fn failed(&self) -> impl Iterator<Item = u32> {
        self.failed.iter().map(|(epoch, _)| *epoch)
    }

    /// What nodes knew that were started again.
    pub(crate) fn to_tell(&self) -> Vec<(Name, Vec<(Epoch, Value)>)> {
        let restarted = self
            .nodes
            .iter()
            .filter(|(_, kept)| kept.restarts > 0 && !kept.states.is_empty());
        let mut told: Vec<_> = restarted
            .map(|(node, kept)| (node.clone(), kept.states.clone().into_iter().collect()))
            .collect();
        told.sort_by(|(one, _), (other, _): &(Name, Vec<_>)| one.cmp(other));
        told
    }
}

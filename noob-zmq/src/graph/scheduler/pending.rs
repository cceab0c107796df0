//! Calls that may still come in an open root epoch.

use super::state::State;
use crate::graph::Epoch;
use crate::graph::plan::{Call, NodeIx, NodeState, Plan};

impl State {
    /// Whether a node may still be called in a root epoch, or in a sub-epoch of it.
    pub(super) fn may_run(&self, plan: &Plan, number: u32, node: NodeIx) -> bool {
        let plan_node = &plan.nodes[node.index()];
        let Some(slot) = self.slot(number) else {
            return false;
        };
        let root = &self.roots[slot as usize];
        // The levels from the root epoch down to that of the node, each with the level below.
        let chain = &plan.levels[plan_node.level as usize].chain;
        let above = [0].into_iter().chain(chain.iter().copied());
        let mut frames = root.frames[..root.used].iter().zip(0..);
        frames.any(|(frame, ix)| {
            if frame.level == plan_node.level {
                return open(root.call(ix, plan_node.local));
            }
            let mut steps = above.clone().zip(chain);
            steps.any(|(upper, &satisfy_input)| {
                frame.level == upper
                    && !frame.children[plan.levels[satisfy_input as usize].child].complete
            })
        })
    }

    /// Whether a node may still be called in a sub-epoch before this one, of the same root epoch.
    pub(super) fn may_run_before(&self, plan: &Plan, epoch: &Epoch, node: NodeIx) -> bool {
        let plan_node = &plan.nodes[node.index()];
        let Some(slot) = self.slot(epoch.number()) else {
            return false;
        };
        let root = &self.roots[slot as usize];
        let mut frames = root.frames[..root.used].iter().zip(0..);
        frames.any(|(frame, ix)| {
            frame.level == plan_node.level
                && frame.epoch < *epoch
                && open(root.call(ix, plan_node.local))
        })
    }
}

/// Whether a node is yet to be called, or is being called.
fn open(call: Call) -> bool {
    !call.state.is_closed() && call.state != NodeState::CannotRun
}

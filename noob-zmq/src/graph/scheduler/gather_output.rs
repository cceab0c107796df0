//! Outputs of gather nodes, which belong to the epoch above that of the calls.

use super::frame::{FrameRef, Gathered, Status};
use super::state::State;
use super::update::Applied;
use crate::graph::plan::{NodeIx, NodeState, Plan};

impl State {
    /// Records a value that a gather emitted in the epoch above its calls.
    ///
    /// The last value counts, so that the signal is set only when all calls are finished.
    pub(super) fn on_gather_value(&mut self, plan: &Plan, at: FrameRef, node: NodeIx) -> Applied {
        let level = plan.nodes[node.index()].level;
        let template = &plan.levels[level as usize];
        let Some(gather) = template
            .gathers
            .iter()
            .position(|gather| gather.local == plan.nodes[node.index()].local)
        else {
            return Applied::Impossible;
        };
        let signal = &plan.signals[template.gathers[gather].signal.index()];
        if *self.status_mut(at, signal.local) != Status::Open {
            return Applied::Duplicate;
        }
        let children = &mut self.frame_mut(at).children[template.child];
        let gathered = &mut children.gathered[gather];
        gathered.emitted = true;
        gathered.unmatched += 1;
        self.check_gathered(plan, at, level, gather);
        Applied::New
    }

    /// Records that one call of a gather is finished, or will not be made: `what` is nothing or
    /// never.
    pub(super) fn on_gather_closed(
        &mut self,
        plan: &Plan,
        at: FrameRef,
        node: NodeIx,
        what: Status,
    ) {
        let plan_node = &plan.nodes[node.index()];
        let template = &plan.levels[plan_node.level as usize];
        let parent = at.with_frame(self.frame(at).parent);
        for (ix, gather) in template.gathers.iter().enumerate() {
            if gather.local != plan_node.local {
                continue;
            }
            let here = self.frame_mut(parent);
            let gathered = &mut here.children[template.child].gathered[ix];
            gathered.open -= 1;
            match what {
                Status::Value => gathered.unmatched = gathered.unmatched.saturating_sub(1),
                Status::Never => gathered.never = true,
                _ => {}
            }
            self.check_gathered(plan, parent, plan_node.level, ix);
        }
    }

    pub(super) fn check_gathered(&mut self, plan: &Plan, at: FrameRef, level: u32, gather: usize) {
        let template = &plan.levels[level as usize];
        let children = &self.frame(at).children[template.child];
        let gathered = children.gathered[gather];
        if !children.complete || gathered.open > gathered.unmatched {
            return;
        }
        let Some(gather_node) = template.gathers.get(gather) else {
            return;
        };
        let status = match gathered {
            Gathered { emitted: true, .. } => Status::Value,
            Gathered { never: true, .. } => Status::Never,
            _ => Status::Nothing,
        };
        let _ = self.set_signal(plan, at, gather_node.signal, status);
        // Calls that were not reported are finished too: there are as many as emitted values.
        for place in 0.. {
            let Some(child) = self.item(at, template.child, place) else {
                break;
            };
            let state = &mut self.call_mut(child, gather_node.local).state;
            if !state.is_closed() {
                *state = NodeState::Completed;
                let node = template.nodes[gather_node.local as usize];
                let here = self.frame_mut(at);
                here.children[template.child].gathered[gather].open -= 1;
                self.close_node(plan, child, node);
            }
        }
    }
}

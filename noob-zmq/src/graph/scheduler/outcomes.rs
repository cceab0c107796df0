//! Outcomes that the process of a node tells the nodes that it feeds, because no event does.
//!
//! These nodes know nothing of the nodes above: they learn from here that the node is not called in
//! an epoch, which items the maps above have made, and that a `gather` has made all its calls.

use super::frame::{FrameRef, Status};
use super::state::State;
use super::update::{Outcome, SignalUpdate};
use crate::graph::plan::{NodeIx, Plan, Role, SignalIx};

impl State {
    /// Records the outcome of a signal of the focus, unless an event tells it.
    pub(super) fn record_outcome(
        &mut self,
        plan: &Plan,
        at: FrameRef,
        signal: SignalIx,
        what: Status,
    ) {
        let known = &plan.signals[signal.index()];
        if self.focus != Some(known.node) || !known.heard {
            return;
        }
        let node = &plan.nodes[known.node.index()];
        let own_level = known.level == node.level;
        let update = match (node.role, what) {
            // Items are events, and their end is recorded for all of them.
            (Role::Map, _) if !own_level => return,
            (Role::Gather, Status::Value) if !own_level => SignalUpdate::Last,
            (Role::Gather, _) if !own_level => as_update(what),
            (_, Status::Value) => return,
            _ if self.emitting => return,
            _ => as_update(what),
        };
        self.push_outcome(plan, at, signal, update);
    }

    /// Records that a map above has made an item.
    pub(super) fn record_item(&mut self, plan: &Plan, at: FrameRef, level: u32) {
        if plan.levels[level as usize].map != self.focus && self.relays(plan, level) {
            self.push_item_outcome(plan, at, level, SignalUpdate::Value);
        }
    }

    /// Records that the focus, or a map above it, makes no more items in an epoch.
    pub(super) fn record_last_item(
        &mut self,
        plan: &Plan,
        at: FrameRef,
        level: u32,
        unset: Status,
    ) {
        let own = plan.levels[level as usize].map == self.focus;
        if (own && self.emitting) || !self.relays(plan, level) {
            return;
        }
        self.push_item_outcome(plan, at, level, as_update(unset));
    }

    /// Whether nodes that the focus feeds need to know the items of a level.
    fn relays(&self, plan: &Plan, level: u32) -> bool {
        let Some(focus) = self.focus else {
            return false;
        };
        let depth = plan.levels[level as usize].depth;
        plan.signals_of(focus).any(|signal| {
            let signal = &plan.signals[signal.index()];
            signal.heard && plan.levels[signal.level as usize].depth >= depth
        })
    }

    fn push_item_outcome(&mut self, plan: &Plan, at: FrameRef, level: u32, update: SignalUpdate) {
        if let Some(signal) = plan.item_signal(level) {
            self.push_outcome(plan, at, signal, update);
        }
    }

    fn push_outcome(&mut self, plan: &Plan, at: FrameRef, signal: SignalIx, update: SignalUpdate) {
        let node: NodeIx = plan.signal_node(signal);
        let epoch = self.frame(at).epoch.clone();
        self.outcomes.push(Outcome {
            node_id: plan.node_name(node).clone(),
            signal: plan.signal_name(signal).clone(),
            epoch,
            update,
        });
    }
}

const fn as_update(what: Status) -> SignalUpdate {
    match what {
        Status::Never => SignalUpdate::Never,
        _ => SignalUpdate::Nothing,
    }
}

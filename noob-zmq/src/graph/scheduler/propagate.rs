//! Propagation of signals along the edges, until nothing changes any more.
//!
//! This is the only place where an update of one signal changes other nodes. Steps wait in
//! `State::work` instead of recursing, so that the stack does not grow with the depth of a tube.

use super::frame::{FrameRef, Status};
use super::queues::{Propagation, ReadyNode};
use super::state::State;
use super::update::Applied;
use crate::graph::Epoch;
use crate::graph::plan::{
    NodeIx, NodeState, Plan, PlanInput, Role, SignalIx, Target, number as number_of, range,
};

impl State {
    /// The nodes of a new root epoch that wait for nothing.
    pub(super) fn start_root(&mut self, plan: &Plan, slot: u32) {
        let number = self.roots[slot as usize].number;
        let level = &plan.levels[0];
        if !level.ordinals.is_empty() || self.focus.is_some() {
            self.set_gates(plan, slot);
        }
        let at = FrameRef::root(slot);
        self.skip_excluded(plan, at);
        for &local in &level.sources {
            self.check_ready(plan, at, local);
        }
        let focus_excluded = self
            .focus
            .is_some_and(|node| plan.is_blocked(node) || self.is_excluded(node, number));
        if self.roots[slot as usize].open == 0 || focus_excluded {
            self.finished.push(slot);
        }
    }

    /// Adds a sub-epoch of `parent`, in which the signals of the epochs above are known already.
    pub(super) fn add_frame(
        &mut self,
        plan: &Plan,
        parent: FrameRef,
        level: u32,
        epoch: Epoch,
        index: u32,
    ) -> FrameRef {
        let template = &plan.levels[level as usize];
        let slot = parent.slot;
        let root = &mut self.roots[slot as usize];
        let at = parent.with_frame(root.add(plan, level, epoch, parent.frame, index));
        self.expansion_version += 1;
        let children = &mut root.frame_mut(parent.frame).children[template.child];
        children.insert(index, at.frame);
        let is_item = !children.collapsed;
        for gathered in &mut children.gathered {
            gathered.open += 1;
        }
        if is_item {
            self.record_item(plan, at, level);
        }
        for outer in &template.outer {
            match self.status(plan, parent, outer.signal) {
                Status::Open | Status::Received => {}
                Status::Nothing if outer.required => {
                    self.work.push_back(Propagation::Skip(at, outer.local));
                }
                Status::Value | Status::Nothing => self.satisfy_input(plan, at, outer.local),
                Status::Never => self.mark_cannot_run(at, outer.local),
            }
        }
        self.skip_excluded(plan, at);
        for &ordinal in &template.ordinals {
            // A call that was offered keeps its turn until it is finished.
            if !self.roots[slot as usize].gates[ordinal as usize].offered {
                self.work.push_back(Propagation::NextCall { slot, ordinal });
            }
        }
        at
    }

    /// Skips the nodes of a new frame that are disabled, or exhausted in an earlier epoch.
    fn skip_excluded(&mut self, plan: &Plan, at: FrameRef) {
        let number = self.roots[at.slot as usize].number;
        let level = &plan.levels[self.frame(at).level as usize];
        for &node in &level.blocked {
            self.resolve_unemitted(plan, at, node, Status::Never);
        }
        if self.excluded_above.is_empty() {
            return;
        }
        for (local, &node) in level.nodes.iter().enumerate() {
            if self.is_excluded(node, number) {
                self.mark_cannot_run(at, number_of(local));
            }
        }
    }

    /// Excludes a node from an open root epoch, because a source was exhausted in an earlier one.
    pub(super) fn exclude_node(&mut self, plan: &Plan, slot: u32, ix: NodeIx) {
        let node = &plan.nodes[ix.index()];
        for frame in 0..number_of(self.roots[slot as usize].used) {
            let at = FrameRef { slot, frame };
            if self.frame(at).level == node.level {
                let call = self.call_mut(at, node.local);
                if call.state == NodeState::Ready {
                    call.state = NodeState::Waiting;
                }
                self.mark_cannot_run(at, node.local);
            }
        }
        if self.focus == Some(ix) {
            self.finished.push(slot);
        }
    }

    /// A node will not be called, since it never gets what it waits for.
    fn mark_cannot_run(&mut self, at: FrameRef, local: u32) {
        let state = &mut self.call_mut(at, local).state;
        if matches!(*state, NodeState::Waiting | NodeState::CannotRun) {
            *state = NodeState::CannotRun;
            self.work.push_back(Propagation::CannotRun(at, local));
        }
    }

    /// Resolves the signals of a node that cannot run, once all its required inputs are known.
    ///
    /// If one of the inputs were nothing, the node would be skipped already. So the signals are
    /// neither a value nor nothing.
    fn check_cannot_run(&mut self, plan: &Plan, at: FrameRef, local: u32) {
        if self.call_mut(at, local).state != NodeState::CannotRun {
            return;
        }
        let node = self.node_at(plan, at, local);
        let inputs = &plan.inputs[range(&plan.nodes[node.index()].inputs)];
        let has_items = !self.is_without_items(plan, at);
        let required = |input: &&PlanInput| input.required && (has_items || !input.per_item);
        let open = inputs.iter().filter(required).any(|input| {
            matches!(
                self.status(plan, at, input.signal),
                Status::Open | Status::Received | Status::Nothing
            )
        });
        if !open {
            self.skip_node(plan, at, local, Status::Never);
        }
    }

    /// Sets the outcome of a signal, if it is open.
    pub(super) fn set_signal(
        &mut self,
        plan: &Plan,
        at: FrameRef,
        signal: SignalIx,
        what: Status,
    ) -> Applied {
        let plan_signal = &plan.signals[signal.index()];
        let status = self.status_mut(at, plan_signal.local);
        if *status != Status::Open {
            return Applied::Duplicate;
        }
        *status = Status::Received;
        self.record_outcome(plan, at, signal, what);
        if plan.is_heard(signal) {
            self.work.push_back(Propagation::Signal(at, signal, what));
        }
        Applied::New
    }

    /// Completes a call that has emitted everything.
    ///
    /// `what` is [`Status::Value`], or [`Status::Nothing`] for a gather that emitted nothing.
    pub(super) fn complete_call(
        &mut self,
        plan: &Plan,
        at: FrameRef,
        local: u32,
        what: Status,
    ) -> Applied {
        let node = self.node_at(plan, at, local);
        let state = &mut self.call_mut(at, local).state;
        if state.is_closed() {
            return Applied::Duplicate;
        }
        *state = NodeState::Completed;
        self.resolve_unemitted(plan, at, node, what);
        self.close_node(plan, at, node);
        Applied::New
    }

    /// Sets the signals that a finished node has not emitted to nothing or never.
    ///
    /// `what` is as for [`complete_call`](Self::complete_call) if the node was called.
    fn resolve_unemitted(&mut self, plan: &Plan, at: FrameRef, ix: NodeIx, what: Status) {
        let node = &plan.nodes[ix.index()];
        if node.role == Role::Gather
            && plan.levels[node.level as usize].parent.is_some()
            && !node.blocked
        {
            self.on_gather_closed(plan, at, ix, what);
            return;
        }
        let unset = if what == Status::Never {
            Status::Never
        } else {
            Status::Nothing
        };
        for signal in node.signals.clone().map(SignalIx) {
            let level = plan.signals[signal.index()].level;
            let _ = if level == node.level {
                self.set_signal(plan, at, signal, unset)
            } else {
                self.close_children(plan, at, level, unset)
            };
        }
    }

    /// Records that a node is finished, which may close its epoch and lets the next call of a
    /// stateful node proceed.
    pub(super) fn close_node(&mut self, plan: &Plan, at: FrameRef, ix: NodeIx) {
        let root = &mut self.roots[at.slot as usize];
        root.open -= 1;
        if root.open == 0 {
            self.finished.push(at.slot);
        }
        self.on_node_closed(plan, at, ix);
    }

    /// Decrements the number of inputs that a call waits for.
    pub(super) fn satisfy_input(&mut self, plan: &Plan, at: FrameRef, local: u32) {
        let call = self.call_mut(at, local);
        call.pending -= 1;
        if call.state == NodeState::CannotRun {
            // The last input of a source that was exhausted may be an input of the tube.
            self.work.push_back(Propagation::CannotRun(at, local));
        } else if call.pending == 0 {
            self.check_ready(plan, at, local);
        }
    }

    fn check_ready(&mut self, plan: &Plan, at: FrameRef, local: u32) {
        let call = self.call_mut(at, local);
        if call.pending != 0 || call.state != NodeState::Waiting {
            return;
        }
        call.state = NodeState::Ready;
        let node = self.node_at(plan, at, local);
        if self.focus.is_none_or(|focus| focus == node) {
            let number = self.roots[at.slot as usize].number;
            self.ready.push_back(ReadyNode { at, number, node });
        }
    }

    /// Skips a node, whose signals become `what`.
    fn skip_node(&mut self, plan: &Plan, at: FrameRef, local: u32, what: Status) {
        let state = &mut self.call_mut(at, local).state;
        // A node that was called all the same (in another process, say) keeps the signals that it
        // emitted.
        if !matches!(*state, NodeState::Waiting | NodeState::CannotRun) {
            return;
        }
        *state = NodeState::Skipped;
        let node = self.node_at(plan, at, local);
        self.resolve_unemitted(plan, at, node, what);
        self.close_node(plan, at, node);
    }

    /// Ends the sub-epochs of a map: no more will be added.
    ///
    /// A map without items leaves the nodes below it to this epoch, without a value. Items whose
    /// value did not arrive become `unset`.
    pub(super) fn close_children(
        &mut self,
        plan: &Plan,
        at: FrameRef,
        level: u32,
        unset: Status,
    ) -> Applied {
        let template = &plan.levels[level as usize];
        let here = self.frame_mut(at);
        if here.children[template.child].complete {
            return Applied::Duplicate;
        }
        let collapsed = here.children[template.child].frames.is_empty() && template.collapses;
        here.children[template.child].collapsed = collapsed;
        let epoch = here.epoch.clone();
        self.record_last_item(plan, at, level, unset);
        if collapsed {
            self.add_frame(plan, at, level, epoch, 0);
        }
        self.complete(plan, at, level);
        // An item whose value never arrived has none.
        for place in 0.. {
            let Some(child) = self.item(at, template.child, place) else {
                break;
            };
            let map = template.map.map(|map| plan.signals_of(map));
            for signal in map.into_iter().flatten() {
                if plan.signals[signal.index()].level == level {
                    let _ = self.set_signal(plan, child, signal, unset);
                }
            }
        }
        Applied::New
    }

    fn complete(&mut self, plan: &Plan, at: FrameRef, level: u32) {
        let template = &plan.levels[level as usize];
        self.frame_mut(at).children[template.child].complete = true;
        self.expansion_version += 1;
        for gather in 0..template.gathers.len() {
            self.check_gathered(plan, at, level, gather);
        }
        let slot = at.slot;
        for &ordinal in &template.ordinals {
            self.work.push_back(Propagation::NextCall { slot, ordinal });
        }
        if let Some(focus) = self.focus
            && plan.nodes[focus.index()].ordinal.is_none()
        {
            self.queue_next_call(slot, self.focus_gate);
        }
    }

    /// Follows everything up, then ends the root epochs in which nothing is left to do.
    pub(super) fn propagate_all(&mut self, plan: &Plan) {
        loop {
            while let Some(work) = self.work.pop_front() {
                match work {
                    Propagation::Signal(at, signal, what) => {
                        self.propagate_signal(plan, at, signal, what)
                    }
                    Propagation::Skip(at, local) => {
                        self.skip_node(plan, at, local, Status::Nothing);
                    }
                    Propagation::CannotRun(at, local) => self.check_cannot_run(plan, at, local),
                    Propagation::OpenGate { slot, ordinal } => self.open_gate(plan, slot, ordinal),
                    Propagation::NextCall { slot, ordinal } => {
                        self.advance_call_order(plan, slot, ordinal)
                    }
                }
            }
            let Some(slot) = self.finished.pop() else {
                return;
            };
            let number = self.roots[slot as usize].number;
            let closed = self.focus.is_some() || self.roots[slot as usize].open == 0;
            if closed && self.slot(number) == Some(slot) {
                self.closed.insert(number);
                self.ended_out.push_back(number);
                self.drop_root(number);
                self.unlock_successor(plan, number);
            }
        }
    }

    /// Tells the targets of a signal.
    fn propagate_signal(&mut self, plan: &Plan, at: FrameRef, signal: SignalIx, what: Status) {
        let plan_signal = &plan.signals[signal.index()];
        *self.status_mut(at, plan_signal.local) = what;
        for target in &plan.targets[range(&plan_signal.near)] {
            self.propagate_to(plan, at, target, what);
        }
        for target in &plan.targets[range(&plan_signal.deep)] {
            self.propagate_below(plan, at, target, what);
        }
    }

    fn propagate_to(&mut self, plan: &Plan, at: FrameRef, target: &Target, what: Status) {
        let local = target.local;
        match what {
            // Deferred, because skipping may add frames, and those read the status of this signal.
            Status::Nothing
                if target.required && !(target.per_item && self.is_without_items(plan, at)) =>
            {
                self.work.push_back(Propagation::Skip(at, local));
            }
            Status::Never => self.mark_cannot_run(at, local),
            _ => self.satisfy_input(plan, at, local),
        }
    }

    /// Returns whether a frame has the nodes below a map that made no items.
    fn is_without_items(&self, plan: &Plan, at: FrameRef) -> bool {
        let here = self.frame(at);
        let level = &plan.levels[here.level as usize];
        let parent = at.with_frame(here.parent);
        level.parent.is_some() && self.frame(parent).children[level.child].collapsed
    }

    /// Tells a node of a deeper level, in every sub-epoch of this epoch that there is.
    fn propagate_below(&mut self, plan: &Plan, at: FrameRef, target: &Target, what: Status) {
        let chain = &plan.levels[target.level as usize].chain;
        let depth = plan.levels[self.frame(at).level as usize].depth;
        let root = &self.roots[at.slot as usize];
        let mut frames = vec![at.frame];
        for &below in &chain[depth..] {
            let child = plan.levels[below as usize].child;
            let children = frames
                .iter()
                .flat_map(|&frame| &root.frame(frame).children[child].frames);
            frames = children.map(|&(_, frame)| frame).collect();
        }
        for frame in frames {
            self.propagate_to(plan, at.with_frame(frame), target, what);
        }
    }
}

//! What follows from what was told: values and silence travel along the edges until nothing changes any more.

use super::super::Epoch;
use super::super::levels::NodeState;
use super::super::plan::{NodeIx, Plan, Role, SignalIx, Target, number as number_of, range};
use super::Told;
use super::frame::Status;
use super::state::{ReadyNode, State};

/// Something that is still to be followed up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    /// It is known what a signal comes to.
    Signal {
        slot: u32,
        frame: u32,
        signal: SignalIx,
        what: Status,
    },
    /// A node needs something that came to nothing.
    Kill { slot: u32, frame: u32, local: u32 },
    /// A node that will not be called: it may be clear now what its signals come to.
    Doom { slot: u32, frame: u32, local: u32 },
    /// A stateful node: every earlier root epoch is over for it.
    Gate { slot: u32, ordinal: u32 },
    /// A stateful node below the root: its turn may move on.
    Turn { slot: u32, ordinal: u32 },
}

impl State {
    /// The nodes of a new root epoch that wait for nothing.
    pub(super) fn start_root(&mut self, plan: &Plan, slot: u32) {
        let number = self.roots[slot as usize].number;
        let level = &plan.levels[0];
        if !level.ordinals.is_empty() || self.focus.is_some() {
            self.set_gates(plan, slot);
        }
        self.skip_stopped(plan, slot, 0);
        for &local in &level.sources {
            self.check_ready(plan, slot, 0, local);
        }
        let focus_gone = self
            .focus
            .is_some_and(|node| plan.is_blocked(node) || self.is_gone(node, number));
        if self.roots[slot as usize].open == 0 || focus_gone {
            self.finished.push(slot);
        }
    }

    /// A new sub-epoch: what is known in the epochs above it holds here too.
    pub(super) fn add_frame(
        &mut self,
        plan: &Plan,
        slot: u32,
        parent: u32,
        level: u32,
        epoch: Epoch,
        index: u32,
    ) -> u32 {
        let template = &plan.levels[level as usize];
        let root = &mut self.roots[slot as usize];
        let frame = root.add(plan, level, epoch, parent, index);
        self.items_heard += 1;
        let children = &mut root.frame_mut(parent).children[template.child];
        children.insert(index, frame);
        for gathered in &mut children.gathered {
            gathered.open += 1;
        }
        for outer in &template.outer {
            match self.status(plan, slot, parent, outer.signal) {
                Status::Open | Status::Said => {}
                Status::Nothing if outer.required => {
                    self.work.push_back(Work::Kill {
                        slot,
                        frame,
                        local: outer.local,
                    });
                }
                Status::Value | Status::Nothing => self.lower(plan, slot, frame, outer.local),
                Status::Never => self.doom(slot, frame, outer.local),
            }
        }
        self.skip_stopped(plan, slot, frame);
        for &ordinal in &template.ordinals {
            // A turn that was given stays where it is until that call is over.
            if !self.roots[slot as usize].gates[ordinal as usize].given {
                self.work.push_back(Work::Turn { slot, ordinal });
            }
        }
        frame
    }

    /// Nodes of a new frame that are not called since they are disabled, or have ended in an earlier epoch.
    fn skip_stopped(&mut self, plan: &Plan, slot: u32, frame: u32) {
        let number = self.roots[slot as usize].number;
        let level = &plan.levels[self.roots[slot as usize].frame(frame).level as usize];
        for &node in &level.blocked {
            self.hush(plan, slot, frame, node, Status::Never);
        }
        if self.gone_above.is_empty() {
            return;
        }
        for (local, &node) in level.nodes.iter().enumerate() {
            if self.is_gone(node, number) {
                self.doom(slot, frame, number_of(local));
            }
        }
    }

    /// A node has ended before this live root epoch.
    pub(super) fn forget(&mut self, plan: &Plan, slot: u32, ix: NodeIx) {
        let node = &plan.nodes[ix.index()];
        for frame in 0..number_of(self.roots[slot as usize].used) {
            let root = &mut self.roots[slot as usize];
            if root.frame(frame).level == node.level {
                let call = root.call_mut(frame, node.local);
                if call.state == NodeState::Ready {
                    call.state = NodeState::Waiting;
                }
                self.doom(slot, frame, node.local);
            }
        }
        if self.focus == Some(ix) {
            self.finished.push(slot);
        }
    }

    /// A node will not be called, since it never gets what it waits for.
    fn doom(&mut self, slot: u32, frame: u32, local: u32) {
        let state = &mut self.roots[slot as usize].call_mut(frame, local).state;
        if matches!(*state, NodeState::Waiting | NodeState::Doomed) {
            *state = NodeState::Doomed;
            self.work.push_back(Work::Doom { slot, frame, local });
        }
    }

    /// Once everything that a doomed node needs is known (had one of them come to nothing, it would be dead), it is clear
    /// that its signals come to nothing and to no value either.
    fn check_doomed(&mut self, plan: &Plan, slot: u32, frame: u32, local: u32) {
        let root = &self.roots[slot as usize];
        if root.call(frame, local).state != NodeState::Doomed {
            return;
        }
        let here = root.frame(frame);
        let node = plan.levels[here.level as usize].nodes[local as usize];
        let inputs = &plan.inputs[range(&plan.nodes[node.index()].inputs)];
        let open = inputs.iter().filter(|input| input.required).any(|input| {
            matches!(
                self.status(plan, slot, frame, input.signal),
                Status::Open | Status::Said | Status::Nothing
            )
        });
        if !open {
            self.drop_node(plan, slot, frame, local, Status::Never);
        }
    }

    /// It is known what a signal comes to, if it was not before.
    pub(super) fn say(
        &mut self,
        plan: &Plan,
        slot: u32,
        frame: u32,
        signal: SignalIx,
        what: Status,
    ) -> Told {
        let said = &plan.signals[signal.index()];
        let status = self.roots[slot as usize].status_mut(frame, said.local);
        if *status != Status::Open {
            return Told::Duplicate;
        }
        *status = Status::Said;
        if !said.near.is_empty() || !said.deep.is_empty() {
            self.work.push_back(Work::Signal {
                slot,
                frame,
                signal,
                what,
            });
        }
        Told::New
    }

    /// A node was called and has said all. `what` is [`Status::Value`], or [`Status::Nothing`] if it is a gather that said nothing.
    pub(super) fn ran(
        &mut self,
        plan: &Plan,
        slot: u32,
        frame: u32,
        local: u32,
        what: Status,
    ) -> Told {
        let root = &mut self.roots[slot as usize];
        let node = plan.levels[root.frame(frame).level as usize].nodes[local as usize];
        let state = &mut root.call_mut(frame, local).state;
        if state.is_over() {
            return Told::Duplicate;
        }
        *state = NodeState::Ran;
        self.hush(plan, slot, frame, node, what);
        self.close_node(plan, slot, frame, node);
        Told::New
    }

    /// What a node that is over has not said comes to nothing, or never to anything. `what` is as for
    /// [`ran`](Self::ran) if it was called.
    fn hush(&mut self, plan: &Plan, slot: u32, frame: u32, ix: NodeIx, what: Status) {
        let node = &plan.nodes[ix.index()];
        if node.role == Role::Gather
            && plan.levels[node.level as usize].parent.is_some()
            && !node.blocked
        {
            self.gather_over(plan, slot, frame, ix, what);
            return;
        }
        let unsaid = if what == Status::Never {
            Status::Never
        } else {
            Status::Nothing
        };
        for signal in node.signals.clone().map(SignalIx) {
            let level = plan.signals[signal.index()].level;
            let _ = if level == node.level {
                self.say(plan, slot, frame, signal, unsaid)
            } else {
                self.end_children(plan, slot, frame, level, unsaid)
            };
        }
    }

    /// A node is over: its epoch may be, and a stateful one lets the next call go ahead.
    pub(super) fn close_node(&mut self, plan: &Plan, slot: u32, frame: u32, ix: NodeIx) {
        let root = &mut self.roots[slot as usize];
        root.open -= 1;
        if root.open == 0 {
            self.finished.push(slot);
        }
        self.node_over(plan, slot, frame, ix);
    }

    /// One thing less for a node to wait for.
    pub(super) fn lower(&mut self, plan: &Plan, slot: u32, frame: u32, local: u32) {
        let call = self.roots[slot as usize].call_mut(frame, local);
        call.pending -= 1;
        if call.pending == 0 {
            self.check_ready(plan, slot, frame, local);
        } else if call.state == NodeState::Doomed {
            self.work.push_back(Work::Doom { slot, frame, local });
        }
    }

    fn check_ready(&mut self, plan: &Plan, slot: u32, frame: u32, local: u32) {
        let root = &mut self.roots[slot as usize];
        let number = root.number;
        let call = root.call_mut(frame, local);
        if call.pending != 0 || call.state != NodeState::Waiting {
            return;
        }
        call.state = NodeState::Ready;
        let node = plan.levels[root.frame(frame).level as usize].nodes[local as usize];
        if self.focus.is_none_or(|focus| focus == node) {
            self.ready.push_back(ReadyNode {
                slot,
                number,
                frame,
                node,
            });
        }
    }

    /// A node is not called, and its signals come to this.
    fn drop_node(&mut self, plan: &Plan, slot: u32, frame: u32, local: u32, what: Status) {
        let root = &mut self.roots[slot as usize];
        let state = &mut root.call_mut(frame, local).state;
        // One that was called all the same (in another process, say) keeps what it said.
        if !matches!(*state, NodeState::Waiting | NodeState::Doomed) {
            return;
        }
        *state = NodeState::Dead;
        let here = root.frame(frame);
        let node = plan.levels[here.level as usize].nodes[local as usize];
        if self.focus == Some(node) {
            self.expired_out.push_back(here.epoch.clone());
        }
        self.hush(plan, slot, frame, node, what);
        self.close_node(plan, slot, frame, node);
    }

    /// A map makes no further sub-epochs here; if it made none, the nodes below it belong to this epoch, without a value.
    /// What it made no value of comes to `unsaid`.
    pub(super) fn end_children(
        &mut self,
        plan: &Plan,
        slot: u32,
        frame: u32,
        level: u32,
        unsaid: Status,
    ) -> Told {
        let template = &plan.levels[level as usize];
        let here = self.roots[slot as usize].frame_mut(frame);
        if here.children[template.child].complete {
            return Told::Duplicate;
        }
        if here.children[template.child].frames.is_empty() && template.open > 0 {
            let epoch = here.epoch.clone();
            here.children[template.child].collapsed = true;
            self.add_frame(plan, slot, frame, level, epoch, 0);
        }
        self.complete(plan, slot, frame, level);
        // An item whose value was never heard of has none.
        for place in 0..self.roots[slot as usize].frame(frame).children[template.child]
            .frames
            .len()
        {
            let (_, child) =
                self.roots[slot as usize].frame(frame).children[template.child].frames[place];
            let map = template.map.map(|map| plan.signals_of(map));
            for signal in map.into_iter().flatten() {
                if plan.signals[signal.index()].level == level {
                    let _ = self.say(plan, slot, child, signal, unsaid);
                }
            }
        }
        Told::New
    }

    fn complete(&mut self, plan: &Plan, slot: u32, frame: u32, level: u32) {
        let template = &plan.levels[level as usize];
        self.roots[slot as usize].frame_mut(frame).children[template.child].complete = true;
        self.items_heard += 1;
        for gather in 0..template.gathers.len() {
            self.check_gathered(plan, slot, frame, level, gather);
        }
        for &ordinal in &template.ordinals {
            self.work.push_back(Work::Turn { slot, ordinal });
        }
        if let Some(focus) = self.focus
            && plan.nodes[focus.index()].ordinal.is_none()
        {
            self.work.push_back(Work::Turn {
                slot,
                ordinal: number_of(self.focus_gate),
            });
        }
    }

    /// Follows everything up, then ends the root epochs in which nothing is left to do.
    pub(super) fn settle(&mut self, plan: &Plan) {
        loop {
            while let Some(work) = self.work.pop_front() {
                match work {
                    Work::Signal {
                        slot,
                        frame,
                        signal,
                        what,
                    } => self.spread(plan, slot, frame, signal, what),
                    Work::Kill { slot, frame, local } => {
                        self.drop_node(plan, slot, frame, local, Status::Nothing);
                    }
                    Work::Doom { slot, frame, local } => {
                        self.check_doomed(plan, slot, frame, local)
                    }
                    Work::Gate { slot, ordinal } => self.open_gate(plan, slot, ordinal),
                    Work::Turn { slot, ordinal } => self.move_turn(plan, slot, ordinal),
                }
            }
            let Some(slot) = self.finished.pop() else {
                return;
            };
            let number = self.roots[slot as usize].number;
            let over = self.focus.is_some() || self.roots[slot as usize].open == 0;
            if over && self.slot(number) == Some(slot) {
                self.ended.insert(number);
                self.ended_out.push_back(number);
                self.drop_root(number);
                self.unlock_after(plan, number);
            }
        }
    }

    /// Tells the targets of a signal.
    fn spread(&mut self, plan: &Plan, slot: u32, frame: u32, signal: SignalIx, what: Status) {
        let said = &plan.signals[signal.index()];
        *self.roots[slot as usize].status_mut(frame, said.local) = what;
        for target in &plan.targets[range(&said.near)] {
            self.tell(plan, slot, frame, target, what);
        }
        for target in &plan.targets[range(&said.deep)] {
            self.tell_below(plan, slot, frame, target, what);
        }
    }

    fn tell(&mut self, plan: &Plan, slot: u32, frame: u32, target: &Target, what: Status) {
        let local = target.local;
        match what {
            // Later, for it may add frames, and those find what this signal has come to.
            Status::Nothing if target.required => {
                self.work.push_back(Work::Kill { slot, frame, local })
            }
            Status::Never => self.doom(slot, frame, local),
            _ => self.lower(plan, slot, frame, local),
        }
    }

    /// Tells a node of a deeper level, in every sub-epoch of this epoch that there is.
    fn tell_below(&mut self, plan: &Plan, slot: u32, frame: u32, target: &Target, what: Status) {
        let chain = &plan.levels[target.level as usize].chain;
        let depth = plan.levels[self.roots[slot as usize].frame(frame).level as usize].depth;
        let mut frames = vec![frame];
        for &below in &chain[depth..] {
            let child = plan.levels[below as usize].child;
            let root = &self.roots[slot as usize];
            let children = frames
                .iter()
                .flat_map(|&frame| &root.frame(frame).children[child].frames);
            frames = children.map(|&(_, frame)| frame).collect();
        }
        for frame in frames {
            self.tell(plan, slot, frame, target, what);
        }
    }
}

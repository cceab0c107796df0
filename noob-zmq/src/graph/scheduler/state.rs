//! State of a scheduler, and the updates that change it.

use std::collections::VecDeque;

use super::closed_epochs::ClosedEpochs;
use super::expansion::unopened;
use super::frame::{Frame, FrameRef, Root, Status};
use super::queues::{Propagation, ReadyNode};
use super::update::{Applied, Outcome, SignalUpdate};
use crate::graph::epoch_index::index_of;
use crate::graph::plan::{Call, NodeIx, NodeState, Plan, Role, SignalIx, number as number_of};
use crate::graph::{Epoch, Segment};

#[derive(Debug, Default)]
pub(super) struct State {
    /// The one node that is of interest, if not all are.
    pub(super) focus: Option<NodeIx>,
    /// Index of the gate that closes when the focus is finished.
    pub(super) focus_gate: usize,
    /// Whether the focus is called in the order of dispatch, so that its next call need not wait
    /// until the previous one is finished.
    pub(super) ahead: bool,
    pub(super) roots: Vec<Root>,
    free: Vec<u32>,
    /// Counter that grows with each item of a map, and with each map that is complete.
    pub(super) expansion_version: u64,
    /// Number and place of the live ones, by number.
    pub(super) live: VecDeque<(u32, u32)>,
    pub(super) closed: ClosedEpochs,
    /// Number above all that were opened or closed.
    next: u64,
    pub(super) ready: VecDeque<ReadyNode>,
    /// Slot and frame of the call that was dispatched last, to which the next updates usually
    /// belong.
    pub(super) last: FrameRef,
    pub(super) ended_out: VecDeque<u32>,
    pub(super) work: VecDeque<Propagation>,
    /// Live roots that have nothing left to do.
    pub(super) finished: Vec<u32>,
    /// For each node, the root epoch above which it is not called; empty until a source is
    /// exhausted.
    pub(super) excluded_above: Vec<Option<u32>>,
    pub(super) exhausted: bool,
    /// Outcomes to tell the nodes that the focus feeds.
    pub(super) outcomes: Vec<Outcome>,
    /// Whether the present update is an event of the focus itself.
    pub(super) emitting: bool,
}

impl State {
    pub(super) fn new(plan: &Plan, focus: Option<NodeIx>) -> Self {
        let gate = focus.and_then(|node| plan.nodes[node.index()].ordinal);
        Self {
            focus,
            focus_gate: gate.map_or(plan.stateful.len(), |gate| gate as usize),
            ..Self::default()
        }
    }

    #[cfg(test)]
    pub(super) fn retained(&self) -> usize {
        self.live.len() + self.closed.retained() + self.ready.len() + self.work.len()
    }

    /// The place of a live root epoch.
    pub(super) fn slot(&self, number: u32) -> Option<u32> {
        let place = index_of(&self.live, number, |&(number, _)| number).ok()?;
        Some(self.live[place].1)
    }

    pub(super) fn open(&mut self, plan: &Plan, number: u32) -> Applied {
        if self.slot(number).is_some() {
            return Applied::Duplicate;
        }
        if self.make_live(plan, number).is_none() {
            return Applied::Closed;
        }
        self.propagate_all(plan);
        Applied::New
    }

    pub(super) fn open_next(&mut self, plan: &Plan) -> u32 {
        // Epoch numbers have 32 bits, here and on the wire; the last one is returned again and
        // again.
        let number = u32::try_from(self.next).unwrap_or(u32::MAX);
        let _ = self.open(plan, number);
        number
    }

    pub(super) fn start_at(&mut self, plan: &Plan, number: u32) {
        while let Some(&(first, _)) = self.live.front()
            && first < number
        {
            let _ = self.close(plan, first);
        }
        self.closed.all_below(number);
        self.next = self.next.max(u64::from(number));
        if let Some(&(first, _)) = self.live.front() {
            self.open_gates(plan, first);
        }
        self.propagate_all(plan);
    }

    /// Returns the slot of a root epoch, and opens the epoch if it is neither open nor closed.
    fn make_live(&mut self, plan: &Plan, number: u32) -> Option<u32> {
        if let Some(slot) = self.slot(number) {
            return Some(slot);
        }
        if self.closed.contains(number) {
            return None;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.roots.push(Root::default());
            number_of(self.roots.len() - 1)
        });
        self.next = self.next.max(u64::from(number) + 1);
        let place =
            index_of(&self.live, number, |&(number, _)| number).unwrap_or_else(|place| place);
        self.live.insert(place, (number, slot));

        let gates = plan.stateful.len().max(if self.focus.is_some() {
            self.focus_gate + 1
        } else {
            0
        });
        self.roots[slot as usize].reset(plan, number, gates);
        self.start_root(plan, slot);
        Some(slot)
    }

    pub(super) fn input_done(&mut self, plan: &Plan, number: u32) -> Applied {
        let Some(slot) = self.make_live(plan, number) else {
            return Applied::Closed;
        };
        let at = FrameRef::root(slot);
        let mut applied = Applied::Duplicate;
        for node in plan.given() {
            for signal in plan.nodes[node.index()].signals.clone() {
                let set = self.set_signal(plan, at, SignalIx(signal), Status::Value);
                applied = set.or_new(applied);
            }
        }
        self.propagate_all(plan);
        applied
    }

    /// Applies an update of a signal in the one walk that also tells whether it is possible.
    pub(super) fn apply(
        &mut self,
        plan: &Plan,
        epoch: &Epoch,
        signal: SignalIx,
        update: SignalUpdate,
    ) -> Applied {
        let node = plan.signals[signal.index()].node;
        let target = Target::of(plan, epoch, signal, update);
        let (level, path) = target.place(plan, epoch, signal);
        let applied = match self.locate(plan, level, epoch, path) {
            Ok(at) => {
                if update == SignalUpdate::Exhausted {
                    self.exhaust(plan, node, epoch.number());
                }
                self.emitting = self.focus == Some(node);
                let applied = self.apply_at(plan, at, epoch, signal, target);
                self.emitting = false;
                applied
            }
            // The end of a source outlasts the epoch in which it was emitted.
            Err(Applied::Closed) if update == SignalUpdate::Exhausted => {
                self.exhaust(plan, node, epoch.number());
                Applied::Closed
            }
            Err(missing) => return missing,
        };
        self.propagate_all(plan);
        applied
    }

    /// Returns the place of a root epoch and the frame of a sub-epoch in it.
    ///
    /// A root epoch is opened by the first event that is possible in it.
    fn locate(
        &mut self,
        plan: &Plan,
        level: u32,
        epoch: &Epoch,
        path: &[Segment],
    ) -> Result<FrameRef, Applied> {
        let number = epoch.number();
        if let Some(slot) = self.slot(number) {
            return Ok(self.find_frame(plan, slot, level, epoch, path)?);
        }
        if self.closed.contains(number) {
            return Err(Applied::Closed);
        }
        unopened(plan, level, epoch, path)?;
        let slot = self.make_live(plan, number).ok_or(Applied::Closed)?;
        Ok(FrameRef::root(slot))
    }

    fn apply_at(
        &mut self,
        plan: &Plan,
        at: FrameRef,
        epoch: &Epoch,
        signal: SignalIx,
        target: Target,
    ) -> Applied {
        let plan_signal = &plan.signals[signal.index()];
        let node = &plan.nodes[plan_signal.node.index()];
        match target {
            Target::Signal(status) => self.set_signal(plan, at, signal, status),
            Target::Item(index, status) => {
                let below = plan_signal.level;
                let template = &plan.levels[below as usize];
                let children = &self.frame(at).children[template.child];
                let item = match children.find(index).filter(|_| !children.collapsed) {
                    Some(item) => at.with_frame(item),
                    None if children.complete => return Applied::Closed,
                    None => self.add_frame(plan, at, below, epoch.clone(), index),
                };
                self.set_signal(plan, item, signal, status)
            }
            Target::NoMoreItems(unset) => self.close_children(plan, at, plan_signal.level, unset),
            Target::ItemCount(status) => {
                // The count is emitted after all items.
                for &child in &plan.levels[node.level as usize].children {
                    if plan.levels[child as usize].map == Some(plan_signal.node)
                        && status == Status::Value
                    {
                        let _ = self.close_children(plan, at, child, Status::Nothing);
                    }
                }
                self.set_signal(plan, at, signal, status)
            }
            Target::GatherCall => self.complete_call(plan, at, node.local, Status::Nothing),
            Target::Provisional => {
                let root = &self.roots[at.slot as usize];
                match root.status(at.frame, plan_signal.local) {
                    Status::Open => Applied::New,
                    _ => Applied::Duplicate,
                }
            }
            Target::GatherValue => self.on_gather_value(plan, at, plan_signal.node),
            Target::NotAnItem => Applied::Impossible,
        }
    }

    pub(super) fn node_done(&mut self, plan: &Plan, epoch: &Epoch, node: NodeIx) -> Applied {
        let plan_node = &plan.nodes[node.index()];
        let at = match self.locate(plan, plan_node.level, epoch, epoch.path()) {
            Ok(found) => found,
            Err(missing) => return missing,
        };
        let applied = self.complete_call(plan, at, plan_node.local, Status::Value);
        self.propagate_all(plan);
        applied
    }

    pub(super) fn next_ready(&mut self, plan: &Plan) -> Option<(Epoch, NodeIx)> {
        while let Some(ReadyNode { at, number, node }) = self.ready.pop_front() {
            let root = &mut self.roots[at.slot as usize];
            if root.number != number || self.closed.contains(number) {
                continue;
            }
            let call = root.call_mut(at.frame, plan.nodes[node.index()].local);
            if call.state == NodeState::Ready {
                call.state = NodeState::Dispatched;
                let epoch = root.frame(at.frame).epoch.clone();
                self.last = at;
                if self.ahead && at.frame == 0 && self.focus == Some(node) {
                    self.dispatched(plan, at.slot);
                }
                return Some((epoch, node));
            }
        }
        None
    }

    /// Ends a root epoch from outside.
    pub(super) fn close(&mut self, plan: &Plan, number: u32) -> Applied {
        let applied = if self.closed.insert(number) {
            Applied::New
        } else {
            Applied::Closed
        };
        self.next = self.next.max(u64::from(number) + 1);
        if applied == Applied::New {
            self.drop_root(number);
            self.unlock_successor(plan, number);
            self.propagate_all(plan);
        }
        applied
    }

    /// Frees the slot of a root epoch.
    pub(super) fn drop_root(&mut self, number: u32) {
        if let Ok(place) = index_of(&self.live, number, |&(number, _)| number)
            && let Some((_, slot)) = self.live.remove(place)
        {
            self.free.push(slot);
            if self.live.is_empty() {
                self.ready.clear();
            }
        }
    }

    /// Excludes an exhausted source from later epochs.
    ///
    /// A node that others feed is not excluded: how late it hears of an epoch depends on these, and
    /// so would the epochs in which it is. Runners make no more calls of it.
    fn exhaust(&mut self, plan: &Plan, node: NodeIx, epoch: u32) {
        if plan.is_fed(node) {
            return;
        }
        if self.excluded_above.is_empty() {
            self.excluded_above = vec![None; plan.nodes.len()];
        }
        if self.excluded_above[node.index()].is_some_and(|after| after <= epoch) {
            return;
        }
        self.excluded_above[node.index()] = Some(epoch);
        self.exhausted = plan.stand_still(|node| {
            plan.is_blocked(node) || self.excluded_above[node.index()].is_some()
        });
        for place in 0..self.live.len() {
            let (number, slot) = self.live[place];
            if number > epoch {
                self.exclude_node(plan, slot, node);
            }
        }
    }

    /// Returns whether a node is not called in a root epoch because a source was exhausted before.
    pub(super) fn is_excluded(&self, node: NodeIx, epoch: u32) -> bool {
        self.excluded_above
            .get(node.index())
            .copied()
            .flatten()
            .is_some_and(|above| above < epoch)
    }

    pub(super) fn status(&self, plan: &Plan, at: FrameRef, signal: SignalIx) -> Status {
        let plan_signal = &plan.signals[signal.index()];
        let root = &self.roots[at.slot as usize];
        root.status(root.above(at.frame, plan_signal.level), plan_signal.local)
    }

    pub(super) fn status_mut(&mut self, at: FrameRef, local: u32) -> &mut Status {
        self.roots[at.slot as usize].status_mut(at.frame, local)
    }

    pub(super) fn frame(&self, at: FrameRef) -> &Frame {
        self.roots[at.slot as usize].frame(at.frame)
    }

    pub(super) fn frame_mut(&mut self, at: FrameRef) -> &mut Frame {
        self.roots[at.slot as usize].frame_mut(at.frame)
    }

    pub(super) fn call_mut(&mut self, at: FrameRef, local: u32) -> &mut Call {
        self.roots[at.slot as usize].call_mut(at.frame, local)
    }

    /// Returns the node of a call.
    pub(super) fn node_at(&self, plan: &Plan, at: FrameRef, local: u32) -> NodeIx {
        plan.levels[self.frame(at).level as usize].nodes[local as usize]
    }

    /// Returns a sub-epoch of a map, by its place among them.
    pub(super) fn item(&self, at: FrameRef, child: usize, place: usize) -> Option<FrameRef> {
        let items = &self.frame(at).children[child].frames;
        items.get(place).map(|&(_, frame)| at.with_frame(frame))
    }
}

/// Meaning of an update, by the role of its node.
#[derive(Debug, Clone, Copy)]
enum Target {
    /// The signal of a call.
    Signal(Status),
    /// An item of a `map`, by its number.
    Item(u32, Status),
    /// A `map` makes no items, or no more.
    NoMoreItems(Status),
    /// A value of a `gather` elsewhere, which counts if no other follows.
    Provisional,
    /// The number of items that a `map` has made.
    ItemCount(Status),
    /// A call of a `gather` that emits nothing, in the epoch of the call.
    GatherCall,
    /// A value of a `gather`, in the epoch above its call.
    GatherValue,
    /// A value of a `map` that is no item.
    NotAnItem,
}

impl Target {
    fn of(plan: &Plan, epoch: &Epoch, signal: SignalIx, update: SignalUpdate) -> Self {
        let plan_signal = &plan.signals[signal.index()];
        let node = &plan.nodes[plan_signal.node.index()];
        let status = match update {
            SignalUpdate::Value if node.provisional => return Self::Provisional,
            SignalUpdate::Value | SignalUpdate::Last => Status::Value,
            SignalUpdate::Nothing | SignalUpdate::Exhausted => Status::Nothing,
            SignalUpdate::Never => Status::Never,
        };
        // Some signals of maps and gathers belong to an epoch below or above that of the call.
        match (node.role, plan_signal.level != node.level) {
            (Role::Map, true) => match epoch.segment() {
                Some(item) if plan.is_made_by(plan_signal.level, item) => {
                    Self::Item(item.index, status)
                }
                _ if status == Status::Value => Self::NotAnItem,
                _ => Self::NoMoreItems(status),
            },
            (Role::Map, false) => Self::ItemCount(status),
            (Role::Gather, true) if status == Status::Value => Self::GatherValue,
            (Role::Gather, true) => Self::GatherCall,
            _ => Self::Signal(status),
        }
    }

    /// Returns the level and the path of the frame to which the update applies.
    fn place<'a>(self, plan: &Plan, epoch: &'a Epoch, signal: SignalIx) -> (u32, &'a [Segment]) {
        let plan_signal = &plan.signals[signal.index()];
        let call = plan.nodes[plan_signal.node.index()].level;
        let path = epoch.path();
        match self {
            Self::GatherValue => (plan_signal.level, path),
            // An item is added to the frame of the call that makes it.
            Self::Item(..) => (call, &path[..path.len().saturating_sub(1)]),
            _ => (call, path),
        }
    }
}

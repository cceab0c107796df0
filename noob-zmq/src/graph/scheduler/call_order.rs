//! Order of the calls of a stateful node: one root epoch after the other, and within a root epoch
//! the sub-epochs by number.

use super::frame::FrameRef;
use super::queues::Propagation;
use super::state::State;
use crate::graph::plan::{NodeIx, Plan, number as number_of};

/// The root epoch that decides over the gates of another.
enum Predecessor {
    /// Nothing earlier is left.
    Nothing,
    /// The live epoch in this place.
    Live(u32),
    /// An earlier epoch that is neither open nor closed yet.
    Unknown,
}

impl State {
    /// Returns the nearest earlier root epoch that is not closed.
    fn predecessor(&self, number: u32) -> Predecessor {
        let mut earlier = number;
        while u64::from(earlier) > self.closed.closed_below() {
            earlier -= 1;
            if let Some(slot) = self.slot(earlier) {
                return Predecessor::Live(slot);
            }
            if !self.closed.contains(earlier) {
                return Predecessor::Unknown;
            }
        }
        Predecessor::Nothing
    }

    /// Returns the next open root epoch after `number`, if everything in between is closed.
    fn successor(&self, number: u32) -> Option<u32> {
        let place = self.live.partition_point(|&(other, _)| other <= number);
        let &(next, slot) = self.live.get(place)?;
        (number + 1..next)
            .all(|between| self.closed.contains(between))
            .then_some(slot)
    }

    /// Gates of a new root epoch.
    pub(super) fn set_gates(&mut self, plan: &Plan, slot: u32) {
        let number = self.roots[slot as usize].number;
        let predecessor = self.predecessor(number);
        for ordinal in 0..self.roots[slot as usize].gates.len() {
            let ungated = ordinal >= plan.stateful.len();
            let open = ungated || self.admits(&predecessor, ordinal);
            let Some(node) = self.gate_node(plan, ordinal) else {
                continue;
            };
            let plan_node = &plan.nodes[node.index()];
            let root = &mut self.roots[slot as usize];
            root.gates[ordinal].open = open;
            if plan_node.level == 0 {
                if !open {
                    root.call_mut(0, plan_node.local).pending += 1;
                } else if root.call(0, plan_node.local).state.is_closed() {
                    self.close_gate(plan, slot, ordinal);
                }
            } else if open {
                self.queue_next_call(slot, ordinal);
            }
        }
    }

    /// Whether the call before lets the next one of a stateful node begin.
    fn admits(&self, predecessor: &Predecessor, ordinal: usize) -> bool {
        match predecessor {
            Predecessor::Nothing => true,
            Predecessor::Live(earlier) => {
                self.roots[*earlier as usize].gates[ordinal].admits_next()
            }
            Predecessor::Unknown => false,
        }
    }

    fn queue_gate(&mut self, slot: u32, ordinal: usize) {
        let ordinal = number_of(ordinal);
        self.work.push_back(Propagation::OpenGate { slot, ordinal });
    }

    pub(super) fn queue_next_call(&mut self, slot: u32, ordinal: usize) {
        let ordinal = number_of(ordinal);
        self.work.push_back(Propagation::NextCall { slot, ordinal });
    }

    /// The node of a gate.
    fn gate_node(&self, plan: &Plan, ordinal: usize) -> Option<NodeIx> {
        plan.stateful.get(ordinal).copied().or(self.focus)
    }

    /// Opens the gates of the next root epoch after one was closed.
    pub(super) fn unlock_successor(&mut self, plan: &Plan, number: u32) {
        if let Some(slot) = self.successor(number) {
            let next = self.roots[slot as usize].number;
            self.open_gates(plan, next);
        }
    }

    /// Opens the gates of a live root epoch that may be open.
    pub(super) fn open_gates(&mut self, plan: &Plan, number: u32) {
        let Some(slot) = self.slot(number) else {
            return;
        };
        let predecessor = self.predecessor(number);
        for ordinal in 0..plan.stateful.len() {
            if self.admits(&predecessor, ordinal) && !self.roots[slot as usize].gates[ordinal].open
            {
                self.queue_gate(slot, ordinal);
            }
        }
    }

    /// Opens a gate: the stateful node is finished with every earlier root epoch.
    pub(super) fn open_gate(&mut self, plan: &Plan, slot: u32, ordinal: u32) {
        let Some(node) = self.gate_node(plan, ordinal as usize) else {
            return;
        };
        let plan_node = &plan.nodes[node.index()];
        let root = &mut self.roots[slot as usize];
        let gate = &mut root.gates[ordinal as usize];
        if gate.open {
            return;
        }
        gate.open = true;
        if plan_node.level != 0 {
            self.advance_call_order(plan, slot, ordinal);
        } else if root.call(0, plan_node.local).state.is_closed() {
            self.close_gate(plan, slot, ordinal as usize);
        } else {
            self.satisfy_input(plan, FrameRef::root(slot), plan_node.local);
        }
    }

    /// Closes a gate: the stateful node is finished with the root epoch, and with every earlier
    /// one.
    fn close_gate(&mut self, plan: &Plan, slot: u32, ordinal: usize) {
        let root = &mut self.roots[slot as usize];
        if std::mem::replace(&mut root.gates[ordinal].closed, true) {
            return;
        }
        let number = root.number;
        if self.focus.is_some() && ordinal == self.focus_gate {
            self.finished.push(slot);
        }
        if ordinal < plan.stateful.len()
            && let Some(next) = self.successor(number)
        {
            self.queue_gate(next, ordinal);
        }
    }

    /// Records that the one node of a process was dispatched in a root epoch.
    ///
    /// The node is called in the order of dispatch, so that its next call need not wait for the end
    /// of this one.
    pub(super) fn dispatched(&mut self, plan: &Plan, slot: u32) {
        if self.focus_gate >= plan.stateful.len() {
            return;
        }
        let root = &mut self.roots[slot as usize];
        root.gates[self.focus_gate].dispatched = true;
        let number = root.number;
        if let Some(next) = self.successor(number) {
            self.queue_gate(next, self.focus_gate);
            self.propagate_all(plan);
        }
    }

    /// Moves the gate of a node that is finished in an epoch.
    pub(super) fn on_node_closed(&mut self, plan: &Plan, at: FrameRef, node: NodeIx) {
        let ordinal = match plan.nodes[node.index()].ordinal {
            Some(ordinal) => ordinal as usize,
            None if self.focus == Some(node) => self.focus_gate,
            None => return,
        };
        if at.frame != 0 {
            self.queue_next_call(at.slot, ordinal);
        } else if self.roots[at.slot as usize].gates[ordinal].open {
            self.close_gate(plan, at.slot, ordinal);
        }
    }

    /// Moves the gate of a stateful node below the root to its next call that is not finished.
    pub(super) fn advance_call_order(&mut self, plan: &Plan, slot: u32, ordinal: u32) {
        let Some(node) = self.gate_node(plan, ordinal as usize) else {
            return;
        };
        let plan_node = &plan.nodes[node.index()];
        let chain = &plan.levels[plan_node.level as usize].chain;
        let mut gate = self.roots[slot as usize].gates[ordinal as usize];
        if !gate.open || gate.closed || chain.is_empty() {
            return;
        }
        let mut closed = false;
        let mut offered = None;
        loop {
            let root = &self.roots[slot as usize];
            let here = root.frame(gate.parent);
            let below = chain[plan.levels[here.level as usize].depth];
            let children = &here.children[plan.levels[below as usize].child];
            match children.next(gate.index) {
                Some((index, child)) => {
                    gate.index = index;
                    if below != plan_node.level {
                        (gate.parent, gate.index) = (child, 0);
                    } else if root.call(child, plan_node.local).state.is_closed() {
                        gate.index += 1;
                        gate.offered = false;
                    } else {
                        if !gate.offered && plan_node.ordinal.is_some() {
                            offered = Some(child);
                        }
                        gate.offered = true;
                        break;
                    }
                }
                None if !children.complete => break,
                None if gate.parent == 0 => {
                    closed = true;
                    break;
                }
                None => (gate.parent, gate.index) = (here.parent, here.index + 1),
            }
        }
        self.roots[slot as usize].gates[ordinal as usize] = gate;
        if let Some(frame) = offered {
            self.satisfy_input(plan, FrameRef { slot, frame }, plan_node.local);
        }
        if closed {
            self.close_gate(plan, slot, ordinal as usize);
        }
    }
}

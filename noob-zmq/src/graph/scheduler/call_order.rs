//! The order of the calls of a stateful node: one root epoch after the other, and in one the sub-epochs by number.

use super::super::plan::{NodeIx, Plan, number as number_of};
use super::propagate::Work;
use super::state::State;

/// What decides over the gates of a root epoch.
enum Before {
    /// Nothing earlier is left.
    Nothing,
    /// The live epoch in this place.
    Live(u32),
    /// An epoch that is yet to be heard of.
    Unknown,
}

impl State {
    /// What comes before a root epoch, not counting what is over.
    fn before(&self, number: u32) -> Before {
        let mut earlier = number;
        while u64::from(earlier) > self.ended.mark() {
            earlier -= 1;
            if let Some(slot) = self.slot(earlier) {
                return Before::Live(slot);
            }
            if !self.ended.contains(earlier) {
                return Before::Unknown;
            }
        }
        Before::Nothing
    }

    /// The next live root epoch after `number`, if everything in between is over.
    fn after(&self, number: u32) -> Option<u32> {
        let place = self.live.partition_point(|&(other, _)| other <= number);
        let &(next, slot) = self.live.get(place)?;
        (number + 1..next)
            .all(|between| self.ended.contains(between))
            .then_some(slot)
    }

    /// Gates of a new root epoch.
    pub(super) fn set_gates(&mut self, plan: &Plan, slot: u32) {
        let number = self.roots[slot as usize].number;
        let before = self.before(number);
        for ordinal in 0..self.roots[slot as usize].gates.len() {
            let ungated = ordinal >= plan.stateful.len();
            let open = ungated
                || match before {
                    Before::Nothing => true,
                    Before::Live(earlier) => {
                        self.roots[earlier as usize].gates[ordinal].lets_next()
                    }
                    Before::Unknown => false,
                };
            let Some(node) = self.gated(plan, ordinal) else {
                continue;
            };
            let known = &plan.nodes[node.index()];
            let root = &mut self.roots[slot as usize];
            root.gates[ordinal].open = open;
            if known.level == 0 {
                if !open {
                    root.call_mut(0, known.local).pending += 1;
                } else if root.call(0, known.local).state.is_over() {
                    self.pass(plan, slot, ordinal);
                }
            } else if open {
                self.work.push_back(Work::Turn {
                    slot,
                    ordinal: number_of(ordinal),
                });
            }
        }
    }

    /// The node of a gate.
    fn gated(&self, plan: &Plan, ordinal: usize) -> Option<NodeIx> {
        plan.stateful.get(ordinal).copied().or(self.focus)
    }

    /// After a root epoch has ended: what waited for it may go ahead.
    pub(super) fn unlock_after(&mut self, plan: &Plan, number: u32) {
        if let Some(slot) = self.after(number) {
            let next = self.roots[slot as usize].number;
            self.open_gates(plan, next);
        }
    }

    /// Opens the gates of a live root epoch that may be open.
    pub(super) fn open_gates(&mut self, plan: &Plan, number: u32) {
        let Some(slot) = self.slot(number) else {
            return;
        };
        let before = self.before(number);
        for ordinal in 0..plan.stateful.len() {
            let open = match before {
                Before::Nothing => true,
                Before::Live(earlier) => self.roots[earlier as usize].gates[ordinal].lets_next(),
                Before::Unknown => false,
            };
            if open && !self.roots[slot as usize].gates[ordinal].open {
                self.work.push_back(Work::Gate {
                    slot,
                    ordinal: number_of(ordinal),
                });
            }
        }
    }

    /// Every earlier root epoch is over for a stateful node.
    pub(super) fn open_gate(&mut self, plan: &Plan, slot: u32, ordinal: u32) {
        let Some(node) = self.gated(plan, ordinal as usize) else {
            return;
        };
        let known = &plan.nodes[node.index()];
        let root = &mut self.roots[slot as usize];
        let gate = &mut root.gates[ordinal as usize];
        if gate.open {
            return;
        }
        gate.open = true;
        if known.level != 0 {
            self.move_turn(plan, slot, ordinal);
        } else if root.call(0, known.local).state.is_over() {
            self.pass(plan, slot, ordinal as usize);
        } else {
            self.lower(plan, slot, 0, known.local);
        }
    }

    /// A root epoch is over for a stateful node, and so is every earlier one.
    fn pass(&mut self, plan: &Plan, slot: u32, ordinal: usize) {
        let root = &mut self.roots[slot as usize];
        if std::mem::replace(&mut root.gates[ordinal].over, true) {
            return;
        }
        let number = root.number;
        if self.focus.is_some() && ordinal == self.focus_gate {
            self.finished.push(slot);
        }
        if ordinal < plan.stateful.len()
            && let Some(next) = self.after(number)
        {
            self.work.push_back(Work::Gate {
                slot: next,
                ordinal: number_of(ordinal),
            });
        }
    }

    /// The one node of a process was handed out: it is called in that order, so that its next call need not wait until this one is over.
    pub(super) fn handed_out(&mut self, plan: &Plan, slot: u32) {
        if self.focus_gate >= plan.stateful.len() {
            return;
        }
        let root = &mut self.roots[slot as usize];
        root.gates[self.focus_gate].handed_out = true;
        let number = root.number;
        if let Some(next) = self.after(number) {
            self.work.push_back(Work::Gate {
                slot: next,
                ordinal: number_of(self.focus_gate),
            });
            self.settle(plan);
        }
    }

    /// A node is over in an epoch.
    pub(super) fn node_over(&mut self, plan: &Plan, slot: u32, frame: u32, node: NodeIx) {
        let ordinal = match plan.nodes[node.index()].ordinal {
            Some(ordinal) => ordinal as usize,
            None if self.focus == Some(node) => self.focus_gate,
            None => return,
        };
        if frame != 0 {
            self.work.push_back(Work::Turn {
                slot,
                ordinal: number_of(ordinal),
            });
        } else if self.roots[slot as usize].gates[ordinal].open {
            self.pass(plan, slot, ordinal);
        }
    }

    /// Moves the turn of a stateful node below the root to its next call that is not over.
    pub(super) fn move_turn(&mut self, plan: &Plan, slot: u32, ordinal: u32) {
        let Some(node) = self.gated(plan, ordinal as usize) else {
            return;
        };
        let known = &plan.nodes[node.index()];
        let chain = &plan.levels[known.level as usize].chain;
        let mut gate = self.roots[slot as usize].gates[ordinal as usize];
        if !gate.open || gate.over || chain.is_empty() {
            return;
        }
        let mut over = false;
        let mut told = None;
        loop {
            let root = &self.roots[slot as usize];
            let here = root.frame(gate.parent);
            let below = chain[plan.levels[here.level as usize].depth];
            let children = &here.children[plan.levels[below as usize].child];
            match children.next(gate.index) {
                Some((index, child)) => {
                    gate.index = index;
                    if below != known.level {
                        (gate.parent, gate.index) = (child, 0);
                    } else if root.call(child, known.local).state.is_over() {
                        gate.index += 1;
                        gate.given = false;
                    } else {
                        if !gate.given && known.ordinal.is_some() {
                            told = Some(child);
                        }
                        gate.given = true;
                        break;
                    }
                }
                None if !children.complete => break,
                None if gate.parent == 0 => {
                    over = true;
                    break;
                }
                None => (gate.parent, gate.index) = (here.parent, here.index + 1),
            }
        }
        self.roots[slot as usize].gates[ordinal as usize] = gate;
        if let Some(child) = told {
            self.lower(plan, slot, child, known.local);
        }
        if over {
            self.pass(plan, slot, ordinal as usize);
        }
    }
}

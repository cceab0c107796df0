//! Which sub-epochs there are, as far as it is known: what is said of others waits, or cannot be so.

use super::state::State;
use super::{Scheduler, SignalUpdate};
use crate::graph::plan::{NodeIx, Plan, Role, SignalIx};
use crate::graph::{Epoch, Segment};

/// Whether a node can have said something in an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expansion {
    /// There is such an epoch.
    Exists,
    /// There may be: this call of a `map` has said nothing of it yet, and is not through.
    Pending(MapCall),
    /// There is no such epoch, or it is called elsewhere.
    Impossible,
}

/// The call of a `map`: by the epoch of the call, and what its items are called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MapCall {
    epoch: Epoch,
    level: u32,
}

impl MapCall {
    /// Where the `map` is called.
    #[must_use]
    pub const fn epoch(&self) -> &Epoch {
        &self.epoch
    }
}

impl Scheduler {
    /// Whether a node can have said this, as far as it is known what the `map` nodes above it have said. `signal` is `None` for what
    /// it says on none of the signals of the plan.
    ///
    /// Of a root epoch that is not over, and was not heard of, it is supposed that it will be.
    #[must_use]
    pub fn expansion_of(
        &self,
        epoch: &Epoch,
        node: NodeIx,
        signal: Option<SignalIx>,
        what: SignalUpdate,
    ) -> Expansion {
        let plan = &*self.plan;
        let plan_node = &plan.nodes[node.index()];
        // Of the signals of maps and gathers some are said below or above the epoch of the call.
        let apart = signal.map(|signal| plan.signals[signal.index()].level);
        match (
            plan_node.role,
            apart.filter(|level| *level != plan_node.level),
        ) {
            (Role::Map, Some(below)) => match call_of(plan, below, epoch) {
                Some([]) if plan_node.level == 0 => Expansion::Exists,
                Some(call) => {
                    let call = Epoch::new(epoch.number(), call.iter().cloned());
                    self.state.expansion_of(plan, plan_node.level, &call)
                }
                None => self.state.expansion_of(plan, plan_node.level, epoch),
            },
            (Role::Gather, Some(above)) if what == SignalUpdate::Value => {
                self.state.expansion_of(plan, above, epoch)
            }
            _ => self.state.expansion_of(plan, plan_node.level, epoch),
        }
    }

    /// How much is known of what the call of a `map` said: more with each item, and once more when it is through. `None` if the root
    /// epoch is over.
    #[must_use]
    pub fn progress_of(&self, call: &MapCall) -> Option<usize> {
        self.state.progress_of(&self.plan, call)
    }

    /// How often anything became known of what the calls of `map` nodes said.
    #[must_use]
    pub const fn expansion_version(&self) -> u64 {
        self.state.expansion_version
    }
}

/// The segments of the epoch in which the `map` was called that made this one, if it is one of that level.
fn call_of<'a>(plan: &Plan, level: u32, epoch: &'a Epoch) -> Option<&'a [Segment]> {
    let (item, call) = epoch.path().split_last()?;
    plan.is_made_by(level, item).then_some(call)
}

impl State {
    /// Whether there is a frame of this level in this epoch.
    fn expansion_of(&self, plan: &Plan, level: u32, epoch: &Epoch) -> Expansion {
        match self.find_frame(plan, level, epoch) {
            Ok(_) => Expansion::Exists,
            Err(missing) => missing,
        }
    }

    /// The frame of a level in an epoch (the first, if the root epoch is not live), or what it is for want of one.
    fn find_frame(&self, plan: &Plan, level: u32, epoch: &Epoch) -> Result<u32, Expansion> {
        let path = epoch.path();
        if plan.segments_at(level, epoch) != path.len() {
            return Err(Expansion::Impossible);
        }
        let chain = &plan.levels[level as usize].chain;
        let Some(slot) = self.slot(epoch.number()) else {
            let call = |level: &u32| {
                Expansion::Pending(MapCall {
                    epoch: Epoch::root(epoch.number()),
                    level: *level,
                })
            };
            return chain.first().map_or(Ok(0), |first| Err(call(first)));
        };
        let root = &self.roots[slot as usize];
        if let Some(frame) = root.cached_frame(self.last.1, level, epoch)
            && self.last.0 == slot
        {
            return Ok(frame);
        }
        let mut frame = 0;
        let mut segments = path.iter();
        let mut next = segments.next();
        for &below in chain {
            let here = root.frame(frame);
            let children = &here.children[plan.levels[below as usize].child];
            let item = next.filter(|segment| plan.is_made_by(below, segment));
            let found = match item {
                Some(segment) if !children.collapsed => children.find(segment.index),
                None if children.collapsed => children.find(0),
                _ => None,
            };
            let open = !children.complete && (item.is_some() || children.frames.is_empty());
            frame = match found {
                Some(found) => found,
                None if open => {
                    return Err(Expansion::Pending(MapCall {
                        epoch: here.epoch.clone(),
                        level: below,
                    }));
                }
                None => return Err(Expansion::Impossible),
            };
            if item.is_some() {
                next = segments.next();
            }
        }
        Ok(frame)
    }

    fn progress_of(&self, plan: &Plan, call: &MapCall) -> Option<usize> {
        let number = call.epoch.number();
        if self.closed.contains(number) {
            return None;
        }
        let Some(slot) = self.slot(number) else {
            return Some(0);
        };
        let template = &plan.levels[call.level as usize];
        let frame = self.find_frame(plan, template.parent?, &call.epoch).ok()?;
        let children = &self.roots[slot as usize].frame(frame).children[template.child];
        Some(children.frames.len() + usize::from(children.complete))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::plan::text::plan as test_plan;

    /// `[a] -> outer map o [b] -> inner map i [c] -> gather g [d]`.
    fn scheduler() -> Scheduler {
        let plan = test_plan(
            "a o:map b i:map c g:gather d",
            &[
                "a.x > o",
                "o.value > b",
                "b.x > i",
                "i.value > c",
                "c.x > g",
                "i.n > g",
                "g.value > d",
            ],
        );
        let mut scheduler = Scheduler::new(plan);
        let _ = scheduler.open(0);
        scheduler
    }

    fn parts(scheduler: &Scheduler, signal: &str) -> (NodeIx, SignalIx) {
        let (node, signal) = signal.split_once('.').unwrap();
        let node = scheduler.plan().node_index(node).unwrap();
        (node, scheduler.plan().signal_index(node, signal).unwrap())
    }

    fn at(scheduler: &Scheduler, signal: &str, epoch: &Epoch) -> Expansion {
        let (node, signal) = parts(scheduler, signal);
        scheduler.expansion_of(epoch, node, Some(signal), SignalUpdate::Value)
    }

    fn set_signal(scheduler: &mut Scheduler, signal: &str, epoch: &Epoch, what: SignalUpdate) {
        let (node, signal) = parts(scheduler, signal);
        let _ = scheduler.event(epoch, node, signal, what);
    }

    fn ahead(standing: &Expansion) -> &Epoch {
        match standing {
            Expansion::Pending(call) => call.epoch(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_item_is_known_when_its_map_has_said_it_and_never_when_that_is_through() {
        let mut scheduler = scheduler();
        let root = Epoch::root(0);
        let outer = |item| root.child("o", item);
        let inner = outer(1).child("i", 0);
        // A map says items itself, where it is called.
        assert_eq!(at(&scheduler, "o.value", &outer(1)), Expansion::Exists);
        for (signal, epoch) in [
            ("b.x", outer(1)),
            ("i.value", inner.clone()),
            ("c.x", inner.clone()),
            ("g.value", outer(1)),
        ] {
            assert_eq!(ahead(&at(&scheduler, signal, &epoch)), &root, "{signal}");
        }
        set_signal(&mut scheduler, "o.value", &outer(1), SignalUpdate::Value);
        assert_eq!(at(&scheduler, "b.x", &outer(1)), Expansion::Exists);
        assert_eq!(at(&scheduler, "i.value", &inner), Expansion::Exists);
        assert_eq!(at(&scheduler, "g.value", &outer(1)), Expansion::Exists);
        assert_eq!(ahead(&at(&scheduler, "c.x", &inner)), &outer(1));
        assert_eq!(ahead(&at(&scheduler, "b.x", &outer(0))), &root);
        set_signal(&mut scheduler, "o.n", &root, SignalUpdate::Value);
        assert_eq!(at(&scheduler, "b.x", &outer(0)), Expansion::Impossible);
        assert_eq!(
            at(&scheduler, "c.x", &outer(0).child("i", 0)),
            Expansion::Impossible
        );
    }

    #[test]
    fn below_a_map_that_said_nothing_the_epoch_is_that_of_its_call() {
        let mut scheduler = scheduler();
        let root = Epoch::root(0);
        assert_eq!(ahead(&at(&scheduler, "b.x", &root)), &root);
        set_signal(&mut scheduler, "o.value", &root, SignalUpdate::Nothing);
        assert_eq!(at(&scheduler, "b.x", &root), Expansion::Exists);
        assert_eq!(
            at(&scheduler, "b.x", &root.child("o", 0)),
            Expansion::Impossible
        );
        // A map that has said an item is not silent.
        let mut scheduler = self::scheduler();
        set_signal(
            &mut scheduler,
            "o.value",
            &root.child("o", 3),
            SignalUpdate::Value,
        );
        assert_eq!(at(&scheduler, "b.x", &root), Expansion::Impossible);
    }

    #[test]
    fn where_a_node_does_not_lie_it_never_speaks() {
        let scheduler = scheduler();
        let item = Epoch::root(0).child("o", 0);
        assert_eq!(at(&scheduler, "a.x", &item), Expansion::Impossible);
        assert_eq!(
            at(&scheduler, "b.x", &item.child("i", 0)),
            Expansion::Impossible
        );
        // Unless the outer map says nothing: then the inner one is called in the root epoch.
        let root = Epoch::root(0);
        assert_eq!(ahead(&at(&scheduler, "c.x", &root.child("i", 0))), &root);
    }

    #[test]
    fn what_is_known_of_a_call_grows_until_its_epoch_is_over() {
        let mut scheduler = scheduler();
        let later = Epoch::root(7);
        // Nobody has heard of that epoch yet.
        let Expansion::Pending(call) = at(&scheduler, "b.x", &later.child("o", 0)) else {
            panic!("known");
        };
        assert_eq!(
            (call.epoch(), scheduler.progress_of(&call)),
            (&later, Some(0))
        );
        let before = scheduler.expansion_version();
        let _ = scheduler.open(7);
        assert_eq!(
            (scheduler.progress_of(&call), scheduler.expansion_version()),
            (Some(0), before)
        );
        set_signal(
            &mut scheduler,
            "o.value",
            &later.child("o", 0),
            SignalUpdate::Value,
        );
        assert_eq!(scheduler.progress_of(&call), Some(1));
        set_signal(&mut scheduler, "o.n", &later, SignalUpdate::Value);
        assert_eq!(scheduler.progress_of(&call), Some(2));
        assert!(scheduler.expansion_version() > before);
        let _ = scheduler.close(7);
        assert_eq!(scheduler.progress_of(&call), None);
    }
}

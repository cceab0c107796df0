//! Expansion of an epoch: the sub-epochs that `map` nodes have made of it, as far as that is known.
//!
//! Frames are made only for items that a `map` has emitted. An event of any other sub-epoch is
//! pending until its `map` has made the item, or impossible.

use super::Scheduler;
use super::frame::FrameRef;
use super::state::State;
use super::update::Applied;
use crate::graph::plan::{NodeIx, Plan};
use crate::graph::{Epoch, Segment};

/// Whether a node is called in a sub-epoch, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expansion {
    /// The sub-epoch exists.
    Exists,
    /// The sub-epoch may come to exist: this call of a `map` has not made it yet, and is not
    /// complete.
    Pending(MapCall),
    /// The sub-epoch does not exist and never will, or the node is called elsewhere.
    Impossible,
}

impl From<Expansion> for Applied {
    fn from(missing: Expansion) -> Self {
        match missing {
            Expansion::Pending(call) => Self::Pending(call),
            Expansion::Exists | Expansion::Impossible => Self::Impossible,
        }
    }
}

/// Call of a `map`: the epoch of the call, and the nesting level of its items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapCall {
    epoch: Epoch,
    level: u32,
}

impl Scheduler {
    /// Returns whether a node is called in an epoch, as far as is known from the `map` nodes above.
    ///
    /// A root epoch that was not opened yet is taken for one that will be.
    #[must_use]
    pub fn expansion_of(&self, epoch: &Epoch, node: NodeIx) -> Expansion {
        let level = self.plan.nodes[node.index()].level;
        let found = match self.state.slot(epoch.number()) {
            Some(slot) => self
                .state
                .find_frame(&self.plan, slot, level, epoch, epoch.path()),
            None => unopened(&self.plan, level, epoch, epoch.path()).map(|()| FrameRef::root(0)),
        };
        found.map_or_else(|missing| missing, |_| Expansion::Exists)
    }

    /// Returns a number that grows with each item that the call of a `map` makes, and once more
    /// when the call is complete; `None` if the root epoch is closed.
    #[must_use]
    pub fn progress_of(&self, call: &MapCall) -> Option<usize> {
        self.state.progress_of(&self.plan, call)
    }

    /// Returns a number that grows whenever the call of any `map` makes progress.
    #[must_use]
    pub const fn expansion_version(&self) -> u64 {
        self.state.expansion_version
    }
}

/// Returns the frame of the root for a level above all maps, in a root epoch that is not open.
pub(super) fn unopened(
    plan: &Plan,
    level: u32,
    epoch: &Epoch,
    path: &[Segment],
) -> Result<(), Expansion> {
    if plan.segments_at(level, path) != path.len() {
        return Err(Expansion::Impossible);
    }
    let outermost = plan.levels[level as usize].chain.first();
    outermost.map_or(Ok(()), |&level| {
        let epoch = Epoch::root(epoch.number());
        Err(Expansion::Pending(MapCall { epoch, level }))
    })
}

impl State {
    /// Returns the frame of a level in the sub-epoch at `path`, which begins that of `epoch`; or
    /// why there is none.
    ///
    /// A path without a segment for one of the maps above the level means the nodes below a `map`
    /// that made no items.
    pub(super) fn find_frame(
        &self,
        plan: &Plan,
        slot: u32,
        level: u32,
        epoch: &Epoch,
        path: &[Segment],
    ) -> Result<FrameRef, Expansion> {
        if level == 0 {
            let root = path.is_empty().then_some(FrameRef::root(slot));
            return root.ok_or(Expansion::Impossible);
        }
        let root = &self.roots[slot as usize];
        // As a rule the next event belongs to the call that was handed out last.
        if path.len() == epoch.depth()
            && self.last.slot == slot
            && let Some(frame) = root.cached_frame(self.last.frame, level, epoch)
        {
            return Ok(FrameRef { slot, frame });
        }
        if plan.segments_at(level, path) != path.len() {
            return Err(Expansion::Impossible);
        }
        let mut frame = 0;
        let mut segments = path.iter().peekable();
        for &below in &plan.levels[level as usize].chain {
            let here = root.frame(frame);
            let children = &here.children[plan.levels[below as usize].child];
            let item = segments.next_if(|segment| plan.is_made_by(below, segment));
            let found = match item {
                Some(segment) if !children.collapsed => children.find(segment.index),
                None if children.collapsed => children.find(0),
                _ => None,
            };
            let may_come = !children.complete && (item.is_some() || children.frames.is_empty());
            frame = match found {
                Some(found) => found,
                None if may_come => {
                    return Err(Expansion::Pending(MapCall {
                        epoch: here.epoch.clone(),
                        level: below,
                    }));
                }
                None => return Err(Expansion::Impossible),
            };
        }
        Ok(FrameRef { slot, frame })
    }

    fn progress_of(&self, plan: &Plan, call: &MapCall) -> Option<usize> {
        let MapCall { epoch, level } = call;
        if self.closed.contains(epoch.number()) {
            return None;
        }
        let Some(slot) = self.slot(epoch.number()) else {
            return Some(0);
        };
        let template = &plan.levels[*level as usize];
        let at = self.find_frame(plan, slot, template.parent?, epoch, epoch.path());
        let at = at.ok()?;
        let children = &self.frame(at).children[template.child];
        Some(children.frames.len() + usize::from(children.complete))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::SignalUpdate;
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

    fn apply(
        scheduler: &mut Scheduler,
        signal: &str,
        epoch: &Epoch,
        update: SignalUpdate,
    ) -> Applied {
        let (node, signal) = signal.split_once('.').unwrap();
        let node = scheduler.plan().node_index(node).unwrap();
        let signal = scheduler.plan().signal_index(node, signal).unwrap();
        scheduler.apply(epoch, signal, update)
    }

    fn emit(scheduler: &mut Scheduler, signal: &str, epoch: &Epoch) -> Applied {
        apply(scheduler, signal, epoch, SignalUpdate::Value)
    }

    fn expansion(scheduler: &Scheduler, node: &str, epoch: &Epoch) -> Expansion {
        let node = scheduler.plan().node_index(node).unwrap();
        scheduler.expansion_of(epoch, node)
    }

    /// Returns the epoch of the call of a `map` on which an event waits.
    #[track_caller]
    fn pending(applied: Applied) -> Epoch {
        match applied {
            Applied::Pending(call) => call.epoch,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn item_exists_when_its_map_has_emitted_it() {
        let mut scheduler = scheduler();
        let root = Epoch::root(0);
        let outer = |item| root.child("o", item);
        let inner = outer(1).child("i", 0);
        let retained = scheduler.retained();
        for (signal, epoch) in [
            ("b.x", &outer(1)),
            ("i.value", &inner),
            ("c.x", &inner),
            ("g.value", &outer(1)),
        ] {
            assert_eq!(
                pending(emit(&mut scheduler, signal, epoch)),
                root,
                "{signal}"
            );
        }
        assert_eq!(scheduler.retained(), retained);
        // A map emits items itself, where it is called.
        assert_eq!(emit(&mut scheduler, "o.value", &outer(1)), Applied::New);
        assert_eq!(expansion(&scheduler, "b", &outer(1)), Expansion::Exists);
        assert_eq!(pending(emit(&mut scheduler, "c.x", &inner)), outer(1));
        assert_eq!(pending(emit(&mut scheduler, "b.x", &outer(0))), root);
        assert_eq!(emit(&mut scheduler, "b.x", &outer(1)), Applied::New);
        assert_eq!(emit(&mut scheduler, "i.value", &inner), Applied::New);
        assert_eq!(emit(&mut scheduler, "c.x", &inner), Applied::New);
        assert_eq!(emit(&mut scheduler, "g.value", &outer(1)), Applied::New);
    }

    #[test]
    fn item_is_impossible_when_its_map_is_complete() {
        let mut scheduler = scheduler();
        let root = Epoch::root(0);
        let outer = |item| root.child("o", item);
        let _ = emit(&mut scheduler, "o.value", &outer(1));
        let _ = emit(&mut scheduler, "o.n", &root);
        assert_eq!(emit(&mut scheduler, "b.x", &outer(0)), Applied::Impossible);
        assert_eq!(
            emit(&mut scheduler, "c.x", &outer(0).child("i", 0)),
            Applied::Impossible
        );
        // The map itself is done, and adds nothing.
        assert_eq!(emit(&mut scheduler, "o.value", &outer(0)), Applied::Closed);
        assert_eq!(expansion(&scheduler, "b", &outer(0)), Expansion::Impossible);
    }

    #[test]
    fn nodes_below_an_empty_map_are_called_in_the_epoch_of_the_map() {
        let mut scheduler = scheduler();
        let root = Epoch::root(0);
        assert_eq!(pending(emit(&mut scheduler, "b.x", &root)), root);
        let _ = apply(&mut scheduler, "o.value", &root, SignalUpdate::Nothing);
        assert_eq!(expansion(&scheduler, "b", &root), Expansion::Exists);
        let item = root.child("o", 0);
        assert_eq!(emit(&mut scheduler, "b.x", &item), Applied::Impossible);
        assert_eq!(emit(&mut scheduler, "o.value", &item), Applied::Closed);
        // A map that has emitted an item is not empty.
        let mut scheduler = self::scheduler();
        let _ = emit(&mut scheduler, "o.value", &root.child("o", 3));
        assert_eq!(emit(&mut scheduler, "b.x", &root), Applied::Impossible);
    }

    #[test]
    fn epoch_of_another_level_is_impossible() {
        let mut scheduler = scheduler();
        let item = Epoch::root(0).child("o", 0);
        assert_eq!(emit(&mut scheduler, "a.x", &item), Applied::Impossible);
        let below = item.child("i", 0);
        assert_eq!(emit(&mut scheduler, "b.x", &below), Applied::Impossible);
        // A map emits values as items only.
        let root = Epoch::root(0);
        assert_eq!(emit(&mut scheduler, "o.value", &root), Applied::Impossible);
        // If the outer map makes no items, the inner one is called in the root epoch.
        let inner = root.child("i", 0);
        assert_eq!(pending(emit(&mut scheduler, "c.x", &inner)), root);
    }

    #[test]
    fn progress_of_a_map_grows_until_its_epoch_is_closed() {
        let mut scheduler = scheduler();
        let later = Epoch::root(7);
        let retained = scheduler.retained();
        // That epoch is not open yet, and an event below a map does not open it.
        let Applied::Pending(call) = emit(&mut scheduler, "b.x", &later.child("o", 0)) else {
            panic!("not pending");
        };
        assert_eq!(scheduler.retained(), retained);
        assert_eq!(
            (&call.epoch, scheduler.progress_of(&call)),
            (&later, Some(0))
        );
        let before = scheduler.expansion_version();
        let _ = scheduler.open(7);
        assert_eq!(
            (scheduler.progress_of(&call), scheduler.expansion_version()),
            (Some(0), before)
        );
        let _ = emit(&mut scheduler, "o.value", &later.child("o", 0));
        assert_eq!(scheduler.progress_of(&call), Some(1));
        let _ = emit(&mut scheduler, "o.n", &later);
        assert_eq!(scheduler.progress_of(&call), Some(2));
        assert!(scheduler.expansion_version() > before);
        let _ = scheduler.close(7);
        assert_eq!(scheduler.progress_of(&call), None);
    }
}

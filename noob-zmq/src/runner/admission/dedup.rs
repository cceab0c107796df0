//! Deduplication of the values that gathers emit: below a map a `gather` emits several in the same
//! epoch, and the scheduler counts them.
//!
//! The id of such an event follows from its call, so a value that is received again (a message that
//! was sent once more, a call that was made again) has the same id.

use std::collections::{HashMap, HashSet};

use super::MAX_UNPROVEN_PER_NODE;
use crate::graph::{Emit, Event, NodeIx, Plan, Role};

/// Ids of the values that gathers have emitted above their calls, by root epoch.
#[derive(Debug, Default)]
pub(crate) struct GatherDedup {
    seen: HashMap<u32, HashMap<NodeIx, SeenIds>>,
    /// Number of values of each node beyond its known calls, over all epochs.
    unproven: HashMap<NodeIx, usize>,
}

/// Values of one `gather` in a root epoch.
#[derive(Debug, Default)]
struct SeenIds {
    ids: HashSet<u64>,
    unproven: usize,
}

/// Result of looking for the value of a `gather`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dedup {
    /// The value was not recorded before.
    New,
    /// The value was recorded before.
    Duplicate,
    /// The `gather` cannot have been called so often.
    LimitExceeded,
}

impl GatherDedup {
    /// Returns whether an event is one of several values that a node emits in the same epoch.
    pub(crate) fn counts(plan: &Plan, node: NodeIx, event: &Event) -> bool {
        plan.role(node) == Role::Gather
            && plan.depth(node) > 0
            && matches!(event.value, Emit::Value(_))
    }

    /// Returns `New` unless the value was recorded, or there are too many; `calls` is the number of
    /// known calls in its root epoch.
    pub(super) fn check(&self, node: NodeIx, event: &Event, calls: usize) -> Dedup {
        let seen = self.seen_in(node, event);
        if seen.is_some_and(|seen| seen.ids.contains(&event.id)) {
            return Dedup::Duplicate;
        }
        let unproven = self.unproven.get(&node).copied().unwrap_or_default();
        if seen.map_or(0, |seen| seen.ids.len()) >= calls && unproven >= MAX_UNPROVEN_PER_NODE {
            return Dedup::LimitExceeded;
        }
        Dedup::New
    }

    /// Records a value that was applied to the scheduler.
    pub(super) fn record(&mut self, node: NodeIx, event: &Event, calls: usize) {
        let seen = self.seen.entry(event.epoch.number()).or_default();
        let seen = seen.entry(node).or_default();
        if seen.ids.len() >= calls {
            *self.unproven.entry(node).or_default() += 1;
            seen.unproven += 1;
        }
        seen.ids.insert(event.id);
    }

    /// Discards the ids of a closed root epoch.
    pub(super) fn close_epoch(&mut self, epoch: u32) {
        if self.seen.is_empty() {
            return;
        }
        for (node, seen) in self.seen.remove(&epoch).into_iter().flatten() {
            if let Some(unproven) = self.unproven.get_mut(&node) {
                *unproven -= seen.unproven;
            }
        }
    }

    fn seen_in(&self, node: NodeIx, event: &Event) -> Option<&SeenIds> {
        self.seen.get(&event.epoch.number())?.get(&node)
    }
}

//! Which values of gathers were heard: below a map one says several in the same epoch, and they are counted.

use std::collections::{HashMap, HashSet};

use super::pending_items::MOST;
use crate::graph::{Emit, Event, NodeIx, Plan, Role};
use crate::runner::error::DisplayEpoch;

/// The numbers of values that gathers said above their calls, by root epoch: what is heard again (a message that was sent once more, a call
/// that was made again) must not count again.
#[derive(Debug, Default)]
pub(crate) struct Once {
    heard: HashMap<u32, HashMap<NodeIx, Numbers>>,
    /// How many values of a node were more than the calls that were known of.
    ahead: HashMap<NodeIx, usize>,
}

/// What a gather said in a root epoch.
#[derive(Debug, Default)]
struct Numbers {
    known: HashSet<u64>,
    ahead: usize,
}

/// What is made of a value of a gather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// It was not heard before, as far as that matters.
    First,
    /// It was heard before.
    Again,
    /// There cannot be so many.
    TooMany,
}

impl Once {
    /// Whether an event was not heard before, as far as that matters; `calls` says how many there are in its root epoch, as far as they are known.
    pub(crate) fn count(
        &mut self,
        plan: &Plan,
        node: NodeIx,
        event: &Event,
        calls: usize,
    ) -> Count {
        if !Self::counts(plan, node, event) {
            return Count::First;
        }
        let heard = self.heard.entry(event.epoch.number()).or_default();
        let numbers = heard.entry(node).or_default();
        // The number follows from the call.
        if numbers.known.contains(&event.id) {
            return Count::Again;
        }
        // It says no more values than it is called, and so many calls cannot be unknown.
        if numbers.known.len() >= calls {
            let ahead = self.ahead.entry(node).or_default();
            if *ahead >= MOST {
                return Count::TooMany;
            }
            *ahead += 1;
            numbers.ahead += 1;
        }
        numbers.known.insert(event.id);
        Count::First
    }

    /// Whether it is one of several values that a node says in the same epoch.
    pub(crate) fn counts(plan: &Plan, node: NodeIx, event: &Event) -> bool {
        plan.role(node) == Role::Gather
            && plan.depth(node) > 0
            && matches!(event.value, Emit::Value(_))
    }

    /// A root epoch is over.
    pub(crate) fn over(&mut self, epoch: u32) {
        if self.heard.is_empty() {
            return;
        }
        for (node, numbers) in self.heard.remove(&epoch).into_iter().flatten() {
            if let Some(ahead) = self.ahead.get_mut(&node) {
                *ahead -= numbers.ahead;
            }
        }
    }
}

/// Why a value is [one too many](Count::TooMany).
pub(crate) fn too_many(event: &Event) -> String {
    format!(
        "it is of epoch {}, and there are {MOST} values more than calls of that node which are known of",
        DisplayEpoch(&event.epoch)
    )
}

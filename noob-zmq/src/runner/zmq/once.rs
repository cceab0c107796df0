//! Which values of gathers were heard: below a map one says several in the same epoch, and they are counted.

use std::collections::{HashMap, HashSet};

use super::porch::MOST;
use crate::graph::{Emit, Event, NodeIx, Plan, Role};

/// The numbers of values that gathers said above their calls, by root epoch: what is heard again (a message that was sent once more, a call
/// that was made again) must not count again.
#[derive(Debug, Default)]
pub(super) struct Once {
    heard: HashMap<u32, HashSet<(NodeIx, u64)>>,
}

impl Once {
    /// Whether an event was not heard before, as far as that matters; `calls` says how many there are in its root epoch, as far as they are known.
    pub(super) fn is_new(
        &mut self,
        plan: &Plan,
        node: NodeIx,
        event: &Event,
        calls: usize,
    ) -> bool {
        if !Self::counts(plan, node, event) {
            return true;
        }
        let heard = self.heard.entry(event.epoch.number()).or_default();
        // It says no more values than it is called, and so many calls cannot be unknown.
        if heard.len() > calls + MOST {
            return false;
        }
        // The number follows from the call, and several gathers may be called in the same epoch.
        heard.insert((node, event.id))
    }

    /// Whether it is one of several values that a node says in the same epoch.
    pub(super) fn counts(plan: &Plan, node: NodeIx, event: &Event) -> bool {
        plan.role(node) == Role::Gather
            && plan.depth(node) > 0
            && matches!(event.value, Emit::Value(_))
    }

    /// A root epoch is over.
    pub(super) fn over(&mut self, epoch: u32) {
        if !self.heard.is_empty() {
            self.heard.remove(&epoch);
        }
    }
}

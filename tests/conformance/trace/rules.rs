//! Rules of `docs/differences.md` by which the two schedulers hand out different calls.

use std::collections::BTreeSet;

use noob_zmq::graph::Name;

use super::replay::{Call, Replay};

const ABOVE_THE_MAP: &str = "scheduler/above_the_map";
const BELOW_AND_ABOVE: &str = "scheduler/below_and_above";
const GATHER_NOT_YET: &str = "scheduler/gather_not_yet";
const OPTIONAL_BESIDE_REQUIRED: &str = "scheduler/optional_beside_required";
pub(super) const AFTER_THE_EPOCH: &str = "scheduler/after_the_epoch";
pub(super) const ITEM_AFTER_ITEM: &str = "scheduler/item_after_item";

/// Names of all rules of the scheduler.
pub(crate) const RULES: &[&str] = &[
    ABOVE_THE_MAP,
    BELOW_AND_ABOVE,
    GATHER_NOT_YET,
    OPTIONAL_BESIDE_REQUIRED,
    AFTER_THE_EPOCH,
    ITEM_AFTER_ITEM,
];

impl Replay {
    /// Returns whether a call is ready here and not yet in noob.
    ///
    /// A stateful node of noob waits until the whole epoch before has ended; here it waits until it
    /// was called in that epoch.
    pub(super) fn early(&self, (epoch, node): &Call) -> bool {
        let before = epoch.number().checked_sub(1);
        self.plan.is_stateful(*node) && before.is_some_and(|before| !self.over.contains(&before))
    }

    /// Returns whether a call is ready in noob and not yet here.
    ///
    /// Here a stateful node is called in one sub-epoch after the other.
    pub(super) fn late(&self, (epoch, node): &Call) -> bool {
        self.plan.is_stateful(*node) && self.scheduler.may_run_before(epoch, *node)
    }

    /// Returns the rule by which a call is ready in noob and not here.
    pub(super) fn only_there(&self, (epoch, node): &Call) -> Option<&'static str> {
        let depth = self.plan.depth(*node);
        if epoch.depth() > depth {
            return Some(ABOVE_THE_MAP);
        }
        if epoch.depth() < depth {
            return Some(BELOW_AND_ABOVE);
        }
        let node = self.tube.nodes.get(self.plan.node_name(*node))?;
        let optional = node.slots.iter().any(|slot| slot.optional);
        (optional && self.silent.contains(epoch)).then_some(GATHER_NOT_YET)
    }

    /// Returns the rule by which a call is ready here and not in noob.
    pub(super) fn only_here(&self, (_, node): &Call) -> Option<&'static str> {
        let mut fed = self.tube.upstream(self.plan.node_name(*node));
        let both = |id: &Name| {
            let node = self.tube.nodes.get(id);
            let slots = node.map(|node| &node.slots[..]).unwrap_or_default();
            slots.iter().any(|slot| slot.optional) && slots.iter().any(|slot| !slot.optional)
        };
        // The slot may also be required through further nodes.
        let mut above: BTreeSet<Name> = BTreeSet::new();
        let mut todo: Vec<Name> = fed
            .by_ref()
            .filter(|edge| !edge.required)
            .map(|edge| edge.source_node.clone())
            .collect();
        while let Some(id) = todo.pop() {
            if both(&id) {
                return Some(OPTIONAL_BESIDE_REQUIRED);
            }
            let required = self.tube.upstream(&id).filter(|edge| edge.required);
            todo.extend(
                required
                    .map(|edge| edge.source_node.clone())
                    .filter(|id| above.insert(id.clone())),
            );
        }
        None
    }
}

//! Bounds how far ahead of the last opened epoch an incoming event may be.
//!
//! A node is told of an epoch from two sides, over connections of their own: by the command node,
//! that the epoch is opened, and by the nodes upstream, their events in it. So the latter may come
//! first, and are retained. How far ahead they can be:
//!
//! - The command node opens epochs for a reader and for callers, as many at once as the window
//!   lets, and one with inputs of its own. A source upstream, which starts epochs by itself, was
//!   requested to do so too: by `start n`, in portions of half a window. So as long as this node
//!   has a part in every epoch, no node is ahead of what this one was told by more than the windows
//!   of the reader and of the callers: 128 epochs by default.
//! - A node that has no part in an epoch (nothing reached it) delays nobody: if its connection to
//!   the command node hangs, the others go on without it. Most of their events then belong to
//!   closed epochs when they are read, and the other part is emitted again: that is what
//!   `EpochBound` sees to. So it costs a connection that is made again, and no event. The same
//!   holds for windows that are larger than [`MAX_EPOCHS_AHEAD`].
//! - A process that takes the place of another knows nothing of the run until it was told where
//!   that stands (`resume`). Before that, an event that is far ahead is neither retained nor
//!   rejected.
//! - Epochs that are run again in a restarted process, and sub-epochs, keep their numbers.
//! - A free run, `start` without a number, has no window: only a command node that is not of this
//!   library requests one. It has no bound.

use std::collections::BTreeMap;

use crate::graph::Name;

/// Number of epochs beyond the opened ones of which events are admitted on a node.
pub(super) const MAX_EPOCHS_AHEAD: u32 = 4096;

/// Epochs that were opened, as far as is known in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenedEpochs {
    /// Epoch after the highest that was opened.
    pub(crate) next: u32,
    /// Whether epochs are opened without being announced.
    pub(crate) is_free: bool,
    /// Whether this process was not told of any epoch yet.
    pub(crate) is_fresh: bool,
}

impl OpenedEpochs {
    /// Describes the epochs of the process that opens them.
    pub(crate) const fn below(next: u32) -> Self {
        Self {
            next,
            is_free: false,
            is_fresh: false,
        }
    }
}

/// Result of checking the epoch of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BoundCheck {
    /// The epoch was opened, or may be soon.
    Within,
    /// The event is ignored, and it cannot be said yet whether it was valid.
    Undetermined,
    /// The epoch cannot have been opened.
    Beyond,
}

/// Nodes whose events were too far ahead.
#[derive(Debug)]
pub(super) struct EpochBound {
    max_ahead: u32,
    /// Lowest epoch of each node that was too far ahead.
    beyond: BTreeMap<Name, u32>,
}

impl EpochBound {
    /// Creates the bound of a process whose events may be of epochs that are this far ahead.
    pub(super) const fn new(max_ahead: u32) -> Self {
        Self {
            max_ahead,
            beyond: BTreeMap::new(),
        }
    }

    /// Checks the root epoch of an event.
    pub(super) fn check(&mut self, opened: OpenedEpochs, node: &Name, epoch: u32) -> BoundCheck {
        let ahead = epoch.checked_sub(opened.next);
        if opened.is_free || ahead.is_none_or(|ahead| ahead < self.max_ahead) {
            return BoundCheck::Within;
        }
        match self.beyond.get_mut(node) {
            Some(lowest) => *lowest = epoch.min(*lowest),
            None => drop(self.beyond.insert(node.clone(), epoch)),
        }
        if opened.is_fresh {
            BoundCheck::Undetermined
        } else {
            BoundCheck::Beyond
        }
    }

    /// Takes the nodes of whose too early events some belong to an epoch that is open by now: they
    /// must emit these again.
    pub(super) fn nodes_to_resubscribe(&mut self, opened: OpenedEpochs) -> Vec<Name> {
        let early = self
            .beyond
            .extract_if(.., |_, lowest| *lowest < opened.next);
        early.map(|(node, _)| node).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_far_ahead_is_rejected_and_requested_again_once_opened() {
        let (a, b) = (Name::from("a"), Name::from("b"));
        let mut bound = EpochBound::new(MAX_EPOCHS_AHEAD);
        let fresh = OpenedEpochs {
            is_fresh: true,
            ..OpenedEpochs::below(10)
        };
        let first = 10 + MAX_EPOCHS_AHEAD;
        assert_eq!(bound.check(fresh, &a, first), BoundCheck::Undetermined);
        let opened = OpenedEpochs::below(12);
        assert_eq!(bound.check(opened, &a, 0), BoundCheck::Within);
        assert_eq!(bound.check(opened, &a, first + 1), BoundCheck::Within);
        for epoch in [u32::MAX, first + 3, first + 2, first + 5] {
            assert_eq!(bound.check(opened, &b, epoch), BoundCheck::Beyond);
        }
        assert_eq!(bound.nodes_to_resubscribe(opened), []);
        let opened = OpenedEpochs::below(first + 1);
        assert_eq!(bound.nodes_to_resubscribe(opened), [a]);
        let opened = OpenedEpochs::below(first + 3);
        assert_eq!(bound.nodes_to_resubscribe(opened), [b]);
        assert_eq!(bound.nodes_to_resubscribe(opened), []);
    }

    #[test]
    fn many_epochs_far_ahead_leave_one_number() {
        let node = Name::from("liar");
        let mut bound = EpochBound::new(MAX_EPOCHS_AHEAD);
        let opened = OpenedEpochs::below(1);
        let admitted =
            (0..100_000).filter(|&epoch| bound.check(opened, &node, epoch) == BoundCheck::Within);
        assert_eq!(admitted.count(), 1 + MAX_EPOCHS_AHEAD as usize);
        assert_eq!(bound.beyond.len(), 1);
    }

    #[test]
    fn free_run_has_no_bound() {
        let mut bound = EpochBound::new(MAX_EPOCHS_AHEAD);
        let opened = OpenedEpochs {
            is_free: true,
            ..OpenedEpochs::below(0)
        };
        let check = bound.check(opened, &"a".into(), u32::MAX);
        assert_eq!(check, BoundCheck::Within);
    }

    #[test]
    fn opener_of_epochs_admits_none_ahead() {
        let mut bound = EpochBound::new(0);
        let node = Name::from("a");
        let opened = OpenedEpochs::below(3);
        assert_eq!(bound.check(opened, &node, 2), BoundCheck::Within);
        assert_eq!(bound.check(opened, &node, 3), BoundCheck::Beyond);
    }
}

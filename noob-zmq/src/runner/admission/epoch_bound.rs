//! Up to which epoch a node believes what it hears: what is said of later ones cannot be so, and is not kept.
//!
//! A node hears of an epoch from two sides, over connections of their own: from the command node that it was begun, and from the nodes upstream
//! what they said in it. So the latter may come first, and is put aside. How far ahead it can be:
//!
//! - The command node begins epochs for a reader and for callers, as many at once as the window lets, and one with inputs of its own. Upstream,
//!   one that begins epochs by itself (a source) was asked for them too: by `start n`, in portions of half a window. So as long as this node has
//!   a part in every epoch, nobody is ahead of what it was told by more than the windows of the reader and of the callers: 128 epochs, if nothing
//!   else is said.
//! - A node that has no part in an epoch (nothing reached it) keeps nobody: if its line to the command node hangs, the others go on without it.
//!   Most of what they say then is over when it is read, and the part that is not over is said once more: that is what `Horizon` sees to. So it
//!   costs a connection that is made again, and no event, and the same holds for windows that are larger than [`AHEAD`].
//! - A process that takes the place of another knows nothing of the run until it was told where that stands (`resume`). Before it was told
//!   anything, what is far ahead is not put aside either, and not held against anybody.
//! - Epochs that are run again in a process that was restarted, and sub-epochs, have the numbers that they had.
//! - A free run, `start` without a number, has no window: only a command node that is not of this library asks for one. There all is believed.

use std::collections::BTreeMap;

use crate::graph::Name;
use crate::runner::zmq::node::epoch_ledger::EpochLedger;

/// How many epochs beyond those that were begun are put aside.
const AHEAD: u32 = 4096;

/// What is made of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// It is of an epoch that was begun, or will be soon.
    Within,
    /// It is left out, and it cannot be said yet whether it was true.
    Unknown,
    /// It cannot be so.
    Beyond,
}

/// Which nodes spoke of epochs that are too far ahead.
#[derive(Debug, Default)]
pub(crate) struct Horizon {
    /// For each node the lowest of these epochs.
    beyond: BTreeMap<Name, u32>,
}

impl Horizon {
    /// A node says something of a root epoch.
    pub(crate) fn look(&mut self, grants: &EpochLedger, node: &Name, epoch: u32) -> Sight {
        let ahead = epoch.checked_sub(grants.next());
        if grants.is_free() || ahead.is_none_or(|ahead| ahead < AHEAD) {
            return Sight::Within;
        }
        match self.beyond.get_mut(node) {
            Some(lowest) => *lowest = epoch.min(*lowest),
            None => drop(self.beyond.insert(node.clone(), epoch)),
        }
        if grants.is_fresh() {
            Sight::Unknown
        } else {
            Sight::Beyond
        }
    }

    /// Epochs were begun: gives the nodes that have spoken of one of them too early, and must say it once more.
    pub(crate) fn begun(&mut self, grants: &EpochLedger) -> Vec<Name> {
        let next = grants.next();
        let early = self.beyond.extract_if(.., |_, lowest| *lowest < next);
        early.map(|(node, _)| node).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_ahead_is_refused_and_heard_again_when_it_was_begun() {
        let (a, b) = (Name::from("a"), Name::from("b"));
        let mut grants = EpochLedger::starting_at(10);
        let mut horizon = Horizon::default();
        let first = 10 + AHEAD;
        assert_eq!(horizon.look(&grants, &a, first), Sight::Unknown);
        grants.start(2);
        assert_eq!(horizon.look(&grants, &a, 0), Sight::Within);
        assert_eq!(horizon.look(&grants, &a, first + 1), Sight::Within);
        for epoch in [u32::MAX, first + 3, first + 2, first + 5] {
            assert_eq!(horizon.look(&grants, &b, epoch), Sight::Beyond);
        }
        assert_eq!(horizon.begun(&grants), []);
        grants.process(Some(first));
        assert_eq!(horizon.begun(&grants), [a]);
        grants.process(Some(first + 2));
        assert_eq!(horizon.begun(&grants), [b]);
        assert_eq!(horizon.begun(&grants), []);
    }

    #[test]
    fn a_hundred_thousand_epochs_leave_a_number() {
        let liar = Name::from("liar");
        let mut grants = EpochLedger::starting_at(0);
        grants.start(1);
        let mut horizon = Horizon::default();
        let believed = (0..100_000).filter(|epoch| {
            let sight = horizon.look(&grants, &liar, *epoch);
            sight == Sight::Within
        });
        assert_eq!(believed.count(), 1 + AHEAD as usize);
        assert_eq!(horizon.beyond.len(), 1);
    }

    #[test]
    fn a_free_run_has_no_end_that_is_known() {
        let mut grants = EpochLedger::starting_at(0);
        grants.set_free(true);
        let mut horizon = Horizon::default();
        let sight = horizon.look(&grants, &"a".into(), u32::MAX);
        assert_eq!(sight, Sight::Within);
    }
}

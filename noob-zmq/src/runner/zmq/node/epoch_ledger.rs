//! Which epochs a node was asked to run, and which of them are not over.

use std::collections::VecDeque;

use crate::runner::admission::OpenedEpochs;

/// Which root epochs a node was asked to run: by `process`, by `start n`, or all of them by `start`.
///
/// All nodes hear the same commands in the same order, so all count alike: `start n` means the `n` epochs after the highest that was ever
/// asked for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct EpochLedger {
    /// The epoch after the highest that was asked for.
    next: u32,
    /// Those that were asked for and are not over, lowest first.
    open: VecDeque<u32>,
    free: bool,
    /// Something was asked for, or it was told what was.
    told: bool,
}

impl EpochLedger {
    /// None yet; the first epoch is this one.
    pub(crate) fn starting_at(first: u32) -> Self {
        Self {
            next: first,
            ..Self::default()
        }
    }

    /// Asks for one epoch; for the next one if `epoch` is `None`. Gives which it is.
    pub(crate) fn process(&mut self, epoch: Option<u32>) -> u32 {
        let epoch = epoch.unwrap_or(self.next);
        self.add(epoch);
        epoch
    }

    /// Asks for `n` more epochs; gives which they are.
    pub(crate) fn start(&mut self, n: u32) -> std::ops::Range<u32> {
        let first = self.next;
        self.told = true;
        self.next = first.saturating_add(n);
        self.open.extend(first..self.next);
        first..self.next
    }

    /// Asks for all epochs from now on, or for none beyond those that were asked for.
    pub(crate) const fn set_free(&mut self, free: bool) {
        self.free = free;
    }

    /// Describes the epochs that were opened.
    pub(crate) const fn opened(&self) -> OpenedEpochs {
        OpenedEpochs {
            next: self.next,
            is_free: self.free,
            is_fresh: !self.told,
        }
    }

    pub(crate) const fn is_free(&self) -> bool {
        self.free
    }

    /// An epoch that is run because all are asked for.
    pub(crate) fn begun(&mut self, epoch: u32) {
        if self.free && epoch >= self.next {
            self.add(epoch);
        }
    }

    /// Whether the epoch was asked for and is not over.
    pub(crate) fn asked(&self, epoch: u32) -> bool {
        self.free || self.open.binary_search(&epoch).is_ok()
    }

    /// An epoch is over.
    pub(crate) fn over(&mut self, epoch: u32) {
        if let Ok(at) = self.open.binary_search(&epoch) {
            let _ = self.open.remove(at);
        }
    }

    /// Where the run stands: all below `next` is over, but what is in `open`, lowest first.
    pub(crate) fn resume(&mut self, next: u32, open: impl IntoIterator<Item = u32>) {
        let later = self.next.max(next);
        let mut kept: VecDeque<u32> = open.into_iter().collect();
        kept.extend(self.open.iter().filter(|&&epoch| epoch >= next));
        self.next = later;
        self.open = kept;
        self.told = true;
    }

    /// The lowest epoch that is not over, of those that were or will be asked for.
    pub(crate) fn floor(&self) -> u32 {
        self.open.front().copied().unwrap_or(self.next)
    }

    fn add(&mut self, epoch: u32) {
        if let Err(at) = self.open.binary_search(&epoch) {
            self.open.insert(at, epoch);
        }
        self.next = self.next.max(epoch.saturating_add(1));
        self.told = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_stack_after_what_was_asked_for() {
        let mut ledger = EpochLedger::default();
        assert_eq!(ledger.start(2), 0..2);
        assert_eq!(ledger.start(2), 2..4);
        assert!(ledger.asked(3) && !ledger.asked(4));
    }

    #[test]
    fn process_asks_for_one_epoch_and_not_for_those_before_it() {
        let mut ledger = EpochLedger::default();
        assert_eq!(ledger.process(Some(3)), 3);
        assert!(ledger.asked(3) && !ledger.asked(2) && !ledger.asked(4));
        assert_eq!(ledger.process(Some(1)), 1);
        assert_eq!(
            [0, 1, 2, 3].map(|epoch| ledger.asked(epoch)),
            [false, true, false, true]
        );
        assert_eq!(ledger.process(None), 4);
        assert_eq!(ledger.start(1), 5..6);
    }

    #[test]
    fn a_free_run_asks_for_everything_until_it_is_stopped() {
        let mut ledger = EpochLedger::default();
        ledger.start(1);
        ledger.set_free(true);
        assert!(ledger.asked(u32::MAX));
        ledger.set_free(false);
        assert!(ledger.asked(0) && !ledger.asked(1));
    }

    #[test]
    fn the_floor_rises_when_the_lowest_is_over() {
        let mut ledger = EpochLedger::default();
        assert_eq!(ledger.floor(), 0);
        ledger.start(3);
        ledger.over(1);
        assert_eq!(ledger.floor(), 0);
        ledger.over(0);
        assert_eq!(ledger.floor(), 2);
        ledger.over(2);
        assert_eq!(ledger.floor(), 3);
    }

    #[test]
    fn who_joins_late_takes_up_what_is_open() {
        let mut ledger = EpochLedger::default();
        ledger.resume(12, [8, 10]);
        assert!(ledger.asked(8) && !ledger.asked(9) && ledger.asked(10) && !ledger.asked(11));
        assert_eq!((ledger.floor(), ledger.start(2)), (8, 12..14));
        // Said before the last start, and heard after it.
        ledger.resume(12, [10]);
        assert!(!ledger.asked(8) && ledger.asked(10) && ledger.asked(13));
    }
}

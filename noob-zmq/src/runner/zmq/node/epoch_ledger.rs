//! Ledger of requested and open epochs; a state machine without sockets.

use std::collections::VecDeque;

use crate::runner::admission::OpenedEpochs;

/// Root epochs that a node was requested to run: by `process`, by `start n`, or all by `start`.
///
/// All nodes receive the same commands in the same order, so all count alike: `start n` requests
/// the `n` epochs after the highest that was ever requested.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct EpochLedger {
    /// Epoch after the highest that was requested.
    next: u32,
    /// Epochs that are requested and not closed, lowest first.
    open: VecDeque<u32>,
    /// Whether all epochs from now on are requested.
    free: bool,
    /// Whether any command or resume message has come.
    informed: bool,
}

impl EpochLedger {
    /// Returns an empty ledger of a run whose first epoch is `first`.
    pub(crate) fn new(first: u32) -> Self {
        Self {
            next: first,
            ..Self::default()
        }
    }

    /// Requests one epoch, the next one if `epoch` is `None`; returns its number.
    pub(crate) fn process(&mut self, epoch: Option<u32>) -> u32 {
        let epoch = epoch.unwrap_or(self.next);
        self.add(epoch);
        epoch
    }

    /// Requests `n` more epochs; returns their numbers.
    pub(crate) fn start(&mut self, n: u32) -> std::ops::Range<u32> {
        let first = self.next;
        self.informed = true;
        self.next = first.saturating_add(n);
        self.open.extend(first..self.next);
        first..self.next
    }

    /// Begins or ends a free run, in which all epochs are requested.
    pub(crate) const fn set_free(&mut self, free: bool) {
        self.free = free;
    }

    /// Describes the epochs that were opened.
    pub(crate) const fn opened(&self) -> OpenedEpochs {
        OpenedEpochs {
            next: self.next,
            is_free: self.free,
            is_fresh: !self.informed,
        }
    }

    pub(crate) const fn is_free(&self) -> bool {
        self.free
    }

    /// Opens an epoch of a free run; does nothing otherwise.
    pub(crate) fn open_in_free_run(&mut self, epoch: u32) {
        if self.free && epoch >= self.next {
            self.add(epoch);
        }
    }

    /// Whether the epoch was requested and is not closed.
    pub(crate) fn is_requested(&self, epoch: u32) -> bool {
        self.free || self.open.binary_search(&epoch).is_ok()
    }

    /// Closes an epoch.
    pub(crate) fn close(&mut self, epoch: u32) {
        if let Ok(at) = self.open.binary_search(&epoch) {
            let _ = self.open.remove(at);
        }
    }

    /// Catches up with the run: every epoch below `next` is closed except `open`, lowest first.
    pub(crate) fn resume(&mut self, next: u32, open: impl IntoIterator<Item = u32>) {
        // The message may have been sent before a command that came first.
        let later = self.next.max(next);
        let mut still_open: VecDeque<u32> = open.into_iter().collect();
        still_open.extend(self.open.iter().filter(|&&epoch| epoch >= next));
        self.next = later;
        self.open = still_open;
        self.informed = true;
    }

    /// Returns the lowest epoch that is not closed, of those that were or will be requested.
    pub(crate) fn lowest_open(&self) -> u32 {
        self.open.front().copied().unwrap_or(self.next)
    }

    fn add(&mut self, epoch: u32) {
        if let Err(at) = self.open.binary_search(&epoch) {
            self.open.insert(at, epoch);
        }
        self.next = self.next.max(epoch.saturating_add(1));
        self.informed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_requests_epochs_after_the_highest() {
        let mut ledger = EpochLedger::default();
        assert_eq!(ledger.start(2), 0..2);
        assert_eq!(ledger.start(2), 2..4);
        assert!(ledger.is_requested(3) && !ledger.is_requested(4));
    }

    #[test]
    fn process_requests_one_epoch_only() {
        let mut ledger = EpochLedger::default();
        assert_eq!(ledger.process(Some(3)), 3);
        assert!(ledger.is_requested(3) && !ledger.is_requested(2) && !ledger.is_requested(4));
        assert_eq!(ledger.process(Some(1)), 1);
        assert_eq!(
            [0, 1, 2, 3].map(|epoch| ledger.is_requested(epoch)),
            [false, true, false, true]
        );
        assert_eq!(ledger.process(None), 4);
        assert_eq!(ledger.start(1), 5..6);
    }

    #[test]
    fn free_run_requests_all_until_stopped() {
        let mut ledger = EpochLedger::default();
        ledger.start(1);
        ledger.set_free(true);
        assert!(ledger.is_requested(u32::MAX));
        ledger.set_free(false);
        assert!(ledger.is_requested(0) && !ledger.is_requested(1));
    }

    #[test]
    fn lowest_open_rises_when_the_lowest_closes() {
        let mut ledger = EpochLedger::default();
        assert_eq!(ledger.lowest_open(), 0);
        ledger.start(3);
        ledger.close(1);
        assert_eq!(ledger.lowest_open(), 0);
        ledger.close(0);
        assert_eq!(ledger.lowest_open(), 2);
        ledger.close(2);
        assert_eq!(ledger.lowest_open(), 3);
    }

    #[test]
    fn late_node_resumes_the_open_epochs() {
        let mut ledger = EpochLedger::default();
        ledger.resume(12, [8, 10]);
        assert!(
            ledger.is_requested(8)
                && !ledger.is_requested(9)
                && ledger.is_requested(10)
                && !ledger.is_requested(11)
        );
        assert_eq!((ledger.lowest_open(), ledger.start(2)), (8, 12..14));
        // Sent before the last start, and received after it.
        ledger.resume(12, [10]);
        assert!(!ledger.is_requested(8) && ledger.is_requested(10) && ledger.is_requested(13));
    }
}

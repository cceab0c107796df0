//! Set of the closed root epochs, in space that does not grow with their number.

use std::collections::BTreeSet;

/// The numbers of the closed root epochs: all below a bound, and single ones above it.
#[derive(Debug, Default)]
pub(super) struct ClosedEpochs {
    below: u64,
    above: BTreeSet<u32>,
}

impl ClosedEpochs {
    /// Returns whether this epoch is closed.
    pub(super) fn contains(&self, number: u32) -> bool {
        u64::from(number) < self.below || (!self.above.is_empty() && self.above.contains(&number))
    }

    /// Closes every epoch below `number`.
    pub(super) fn all_below(&mut self, number: u32) {
        self.below = self.below.max(u64::from(number));
        self.above = self.above.split_off(&number);
        self.close_up();
    }

    /// Closes this epoch; returns whether the epoch was not closed before.
    pub(super) fn insert(&mut self, number: u32) -> bool {
        if u64::from(number) == self.below {
            self.below += 1;
            self.close_up();
            return true;
        }
        u64::from(number) > self.below && self.above.insert(number)
    }

    /// Returns the bound below which every epoch is closed.
    pub(super) const fn closed_below(&self) -> u64 {
        self.below
    }

    /// Returns the number of single epochs above the bound.
    #[cfg(test)]
    pub(super) fn retained(&self) -> usize {
        self.above.len()
    }

    fn close_up(&mut self) {
        while let Ok(next) = u32::try_from(self.below) {
            if self.above.is_empty() || !self.above.remove(&next) {
                break;
            }
            self.below += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ClosedEpochs;

    #[test]
    fn bound_rises_when_gaps_close() {
        let mut closed = ClosedEpochs::default();
        assert!(closed.insert(1) && closed.insert(3));
        assert!(
            !closed.contains(0) && closed.contains(1) && !closed.contains(2) && closed.contains(3)
        );
        assert!(closed.insert(0));
        assert_eq!(closed.retained(), 1);
        assert!(closed.insert(2) && !closed.insert(2) && !closed.insert(1));
        assert_eq!(closed.retained(), 0);
        assert!(closed.contains(3) && !closed.contains(4));
    }

    #[test]
    fn highest_epoch_number_can_close() {
        let mut closed = ClosedEpochs::default();
        closed.all_below(u32::MAX);
        assert!(closed.insert(u32::MAX) && closed.contains(u32::MAX));
    }
}

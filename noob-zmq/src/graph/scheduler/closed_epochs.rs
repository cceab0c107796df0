//! Which root epochs are over, in space that does not grow with their number.

use std::collections::BTreeSet;

/// The numbers of the root epochs that are over: all below a mark, and single ones above it.
#[derive(Debug, Default)]
pub(super) struct Ended {
    below: u64,
    above: BTreeSet<u32>,
}

impl Ended {
    /// Whether this epoch is over.
    pub(super) fn contains(&self, number: u32) -> bool {
        u64::from(number) < self.below || (!self.above.is_empty() && self.above.contains(&number))
    }

    /// Everything below `number` is over, whether it was heard of or not.
    pub(super) fn all_below(&mut self, number: u32) {
        self.below = self.below.max(u64::from(number));
        self.above = self.above.split_off(&number);
        self.close_up();
    }

    /// This epoch is over. Says whether that was news.
    pub(super) fn insert(&mut self, number: u32) -> bool {
        if u64::from(number) == self.below {
            self.below += 1;
            self.close_up();
            return true;
        }
        u64::from(number) > self.below && self.above.insert(number)
    }

    /// Every number below this one is over.
    pub(super) const fn mark(&self) -> u64 {
        self.below
    }

    /// How many numbers are kept one by one.
    pub(super) fn kept(&self) -> usize {
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
    use super::Ended;

    #[test]
    fn the_mark_moves_up_when_gaps_close() {
        let mut ended = Ended::default();
        assert!(ended.insert(1) && ended.insert(3));
        assert!(!ended.contains(0) && ended.contains(1) && !ended.contains(2) && ended.contains(3));
        assert!(ended.insert(0));
        assert_eq!(ended.kept(), 1);
        assert!(ended.insert(2) && !ended.insert(2) && !ended.insert(1));
        assert_eq!(ended.kept(), 0);
        assert!(ended.contains(3) && !ended.contains(4));
    }

    #[test]
    fn the_last_number_there_is_can_end() {
        let mut ended = Ended::default();
        ended.all_below(u32::MAX);
        assert!(ended.insert(u32::MAX) && ended.contains(u32::MAX));
    }
}

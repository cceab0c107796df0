//! Which epochs a node was asked to run.

/// Which root epochs a node was asked to run: by `process`, by `start n`, or all of them by `start`.
///
/// All nodes hear the same commands in the same order, so all count alike: `start n` means the `n` epochs after the highest that was ever
/// asked for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Grants {
    /// The epoch after the highest that was asked for; all below were, or are over.
    next: u32,
    /// Epochs below `next` that were passed over: `process 7` asks for 7, and not for those before.
    skipped: Vec<std::ops::Range<u32>>,
    free: bool,
}

impl Grants {
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
        if epoch >= self.next {
            if epoch > self.next {
                self.skipped.push(self.next..epoch);
            }
            self.next = epoch.saturating_add(1);
        } else {
            self.take_out(epoch);
        }
        epoch
    }

    /// Asks for `n` more epochs; gives which they are.
    pub(crate) fn start(&mut self, n: u32) -> std::ops::Range<u32> {
        let first = self.next;
        self.next = first.saturating_add(n);
        first..self.next
    }

    /// Asks for all epochs from now on, or for none beyond those that were asked for.
    pub(crate) const fn set_free(&mut self, free: bool) {
        self.free = free;
    }

    pub(crate) const fn is_free(&self) -> bool {
        self.free
    }

    /// Whether the epoch was asked for.
    pub(crate) fn asked(&self, epoch: u32) -> bool {
        self.free || (epoch < self.next && !self.skipped.iter().any(|range| range.contains(&epoch)))
    }

    /// Forgets what is below `epoch`: all of it is over.
    pub(crate) fn forget_below(&mut self, epoch: u32) {
        self.skipped.retain(|range| range.end > epoch);
    }

    fn take_out(&mut self, epoch: u32) {
        if let Some(at) = self.skipped.iter().position(|range| range.contains(&epoch)) {
            let range = self.skipped.swap_remove(at);
            self.skipped.extend(
                [range.start..epoch, epoch + 1..range.end]
                    .into_iter()
                    .filter(|part| !part.is_empty()),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_stack_after_what_was_asked_for() {
        let mut grants = Grants::default();
        assert_eq!(grants.start(2), 0..2);
        assert_eq!(grants.start(2), 2..4);
        assert!(grants.asked(3) && !grants.asked(4));
    }

    #[test]
    fn process_asks_for_one_epoch_and_not_for_those_before_it() {
        let mut grants = Grants::default();
        assert_eq!(grants.process(Some(3)), 3);
        assert!(grants.asked(3) && !grants.asked(2) && !grants.asked(4));
        assert_eq!(grants.process(Some(1)), 1);
        assert_eq!(
            [0, 1, 2, 3].map(|epoch| grants.asked(epoch)),
            [false, true, false, true]
        );
        assert_eq!(grants.process(None), 4);
        assert_eq!(grants.start(1), 5..6);
        grants.forget_below(3);
        assert!(grants.skipped.is_empty());
    }

    #[test]
    fn a_free_run_asks_for_everything_until_it_is_stopped() {
        let mut grants = Grants::default();
        grants.start(1);
        grants.set_free(true);
        assert!(grants.asked(u32::MAX));
        grants.set_free(false);
        assert!(grants.asked(0) && !grants.asked(1));
    }
}

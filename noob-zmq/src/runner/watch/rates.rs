//! Rates of counters over about the last second.
//!
//! Reads no clock: the time of each sample is an argument.

use std::collections::VecDeque;
use std::time::Duration;

/// Time over which rates are computed.
const SPAN: Duration = Duration::from_secs(1);
/// Shortest time between two samples that are kept.
const SPACING: Duration = Duration::from_millis(200);

/// The last samples of some counters.
#[derive(Debug, Default)]
pub(crate) struct RateWindow {
    samples: VecDeque<Sample>,
}

#[derive(Debug)]
struct Sample {
    at: Duration,
    counters: Vec<u64>,
}

impl RateWindow {
    /// Adds a sample that was taken at this time on the clock of the counters.
    ///
    /// A clock or a counter that runs backwards, as after a restart, begins a new window.
    pub(crate) fn add(&mut self, at: Duration, counters: Vec<u64>) {
        let continues = |last: &Sample| {
            let pairs = last.counters.iter().zip(&counters);
            last.at <= at
                && last.counters.len() == counters.len()
                && pairs.into_iter().all(|(before, now)| before <= now)
        };
        if !self.samples.back().is_some_and(continues) {
            self.samples.clear();
        }
        // The newest sample takes the place of one that is nearly as new.
        let before_last = self.samples.len().checked_sub(2);
        if before_last.is_some_and(|place| at - self.samples[place].at < SPACING) {
            self.samples.pop_back();
        }
        self.samples.push_back(Sample { at, counters });
        while self.samples.len() > 2 && at - self.samples[1].at >= SPAN {
            self.samples.pop_front();
        }
    }

    /// Returns whether no sample was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Returns the rate of each counter per second: none without two samples.
    pub(crate) fn rates(&self) -> Vec<f64> {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else {
            return Vec::new();
        };
        let span = (last.at - first.at).as_secs_f64();
        if span <= 0.0 {
            return Vec::new();
        }
        let pairs = first.counters.iter().zip(&last.counters);
        pairs
            .map(|(before, now)| (now - before) as f64 / span)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(window: &mut RateWindow, millis: u64, counter: u64) -> Option<f64> {
        window.add(Duration::from_millis(millis), vec![counter]);
        window.rates().first().copied()
    }

    #[test]
    fn rate_is_that_of_the_last_second() {
        let mut window = RateWindow::default();
        assert_eq!(add(&mut window, 1000, 0), None);
        assert_eq!(add(&mut window, 1250, 25), Some(100.0));
        for quarter in 2..8 {
            let found = add(&mut window, 1000 + 250 * quarter, 25 * quarter);
            assert_eq!(found, Some(100.0));
        }
        // Nothing more is counted: after a second the rate is 0.
        assert_eq!(add(&mut window, 3000, 175), Some(75.0));
        assert_eq!(add(&mut window, 4000, 175), Some(0.0));
    }

    #[test]
    fn frequent_samples_do_not_shorten_the_window() {
        let mut window = RateWindow::default();
        for millis in 0..3000 {
            add(&mut window, millis, 2 * millis);
        }
        assert!(window.samples.len() < 8, "{}", window.samples.len());
        assert_eq!(add(&mut window, 3000, 6000), Some(2000.0));
        let first = window.samples.front().unwrap().at;
        assert!(first <= Duration::from_millis(2000), "{first:?}");
    }

    #[test]
    fn counter_that_runs_backwards_begins_anew() {
        let mut window = RateWindow::default();
        add(&mut window, 0, 100);
        add(&mut window, 500, 200);
        assert_eq!(add(&mut window, 100, 1), None);
        assert_eq!(add(&mut window, 1100, 2), Some(1.0));
    }
}

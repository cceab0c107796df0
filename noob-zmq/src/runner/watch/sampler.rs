//! Limit on the samples that are taken of a signal.
//!
//! Reads no clock: the time of each value is an argument.

use crate::graph::Timestamp;

/// Samples of a signal in a second; as many may come at once.
const SAMPLES: i64 = 100;
/// Bytes of the samples of a signal in a second.
const BYTES: i64 = 4 << 20;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// Decides which values of a signal become samples: all of a slow signal, and some of a fast one.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    /// Time up to which the budgets were filled.
    filled: Option<Timestamp>,
    /// Samples that may be taken, in millionths.
    samples: i64,
    /// Bytes that may be taken; a value larger than the budget leaves a debt.
    bytes: i64,
    skipped: u64,
}

impl Sampler {
    /// Returns how many values were skipped before, if a value of this size and time is to become
    /// a sample.
    pub(crate) fn admit(&mut self, now: Timestamp, size: u64) -> Option<u64> {
        let (samples, bytes) = match self.filled {
            None => (SAMPLES * SECOND, BYTES),
            Some(filled) => {
                let micros = now.as_micros().saturating_sub(filled.as_micros());
                // A clock that was set back or forward counts as no time, or as a second.
                let micros = micros.clamp(0, SECOND);
                (micros * SAMPLES, micros * BYTES / SECOND)
            }
        };
        if samples > 0 {
            self.filled = Some(now);
        }
        self.samples = (self.samples + samples).min(SAMPLES * SECOND);
        self.bytes = (self.bytes + bytes).min(BYTES);
        if self.samples < SECOND || self.bytes <= 0 {
            self.skipped += 1;
            return None;
        }
        self.samples -= SECOND;
        self.bytes = self.bytes.saturating_sub_unsigned(size);
        Some(std::mem::take(&mut self.skipped))
    }

    /// Counts a value that does not become a sample for another reason.
    pub(crate) const fn skip(&mut self) {
        self.skipped += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn slow_signal_is_sampled_in_full() {
        let mut sampler = Sampler::default();
        for value in 0..500 {
            assert_eq!(sampler.admit(at(value * 20_000), 100), Some(0));
        }
    }

    #[test]
    fn fast_signal_is_sampled_a_hundred_times_a_second() {
        let mut sampler = Sampler::default();
        let values = 0..100_000;
        let taken: Vec<u64> = values
            .filter_map(|value| sampler.admit(at(value * 20), 8))
            .collect();
        // The burst at the begin, and those of two seconds.
        assert!((295..=301).contains(&taken.len()), "{}", taken.len());
        let skipped: u64 = taken.iter().sum();
        assert!(skipped > 99_000, "{skipped}");
    }

    #[test]
    fn large_values_are_sampled_within_the_budget_of_bytes() {
        let mut sampler = Sampler::default();
        let size = 8 << 20;
        let taken = (0..1000).filter(|frame| sampler.admit(at(frame * 10_000), size).is_some());
        // 8 MiB every two seconds.
        assert!((4..=6).contains(&taken.count()));
    }
}

//! Histogram of the duration of calls, of a fixed size.
//!
//! Reads no clock: instants and durations are arguments.

use std::time::{Duration, Instant};

/// Buckets for each doubling of a duration, so that a quantile is off by 1/16 at most.
const STEPS: u32 = 8;
/// Durations below two to this number of nanoseconds share the first bucket.
const LOWEST: u32 = 5;
/// Durations from two to this number of nanoseconds (68 s) share the last bucket.
const HIGHEST: u32 = 36;
const BUCKETS: usize = ((HIGHEST - LOWEST) * STEPS + 1) as usize;

/// Time after which calls are counted in a new histogram, if there were any.
const GENERATION: Duration = Duration::from_secs(1);

/// Duration of the last calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallTimeSummary {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) max: Duration,
}

/// Durations of the calls of the last seconds in which there were calls.
#[derive(Debug)]
pub(crate) struct CallTimes {
    current: Histogram,
    previous: Histogram,
    since: Option<Instant>,
    /// Time of all calls together.
    total: Duration,
}

#[derive(Debug)]
struct Histogram {
    buckets: Box<[u32; BUCKETS]>,
    max: Duration,
}

impl Default for CallTimes {
    fn default() -> Self {
        Self {
            current: Histogram::new(),
            previous: Histogram::new(),
            since: None,
            total: Duration::ZERO,
        }
    }
}

impl CallTimes {
    /// Adds a call that stands for `weight` calls of about the same duration.
    pub(crate) fn add(&mut self, took: Duration, weight: u32) {
        self.current.add(took, weight);
        self.total += took * weight;
    }

    /// Returns the time of all calls together.
    pub(crate) const fn total(&self) -> Duration {
        self.total
    }

    /// Returns the duration of the last calls; `None` before the first.
    pub(crate) fn summarize(&mut self, now: Instant) -> Option<CallTimeSummary> {
        let summary = self.summary();
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) >= GENERATION && !self.current.is_empty() {
            std::mem::swap(&mut self.current, &mut self.previous);
            self.current.clear();
            self.since = Some(now);
        }
        summary
    }

    fn summary(&self) -> Option<CallTimeSummary> {
        let count = self.current.count() + self.previous.count();
        let max = self.current.max.max(self.previous.max);
        (count > 0).then(|| CallTimeSummary {
            p50: self.quantile(count.div_ceil(2)).min(max),
            p99: self.quantile((count * 99).div_ceil(100)).min(max),
            max,
        })
    }

    /// Returns the duration of the call at this rank, from 1, as the middle of its bucket.
    fn quantile(&self, rank: u64) -> Duration {
        let mut below = 0;
        let pairs = self.current.buckets.iter().zip(&*self.previous.buckets);
        for (bucket, (a, b)) in pairs.enumerate() {
            below += u64::from(*a) + u64::from(*b);
            if below >= rank {
                return middle_of(bucket);
            }
        }
        middle_of(BUCKETS - 1)
    }
}

impl Histogram {
    fn new() -> Self {
        Self {
            buckets: Box::new([0; BUCKETS]),
            max: Duration::ZERO,
        }
    }

    fn add(&mut self, took: Duration, weight: u32) {
        if let Some(count) = self.buckets.get_mut(bucket_of(took)) {
            *count = count.saturating_add(weight);
        }
        self.max = self.max.max(took);
    }

    fn count(&self) -> u64 {
        self.buckets.iter().map(|count| u64::from(*count)).sum()
    }

    fn is_empty(&self) -> bool {
        self.max.is_zero() && self.count() == 0
    }

    fn clear(&mut self) {
        self.buckets.fill(0);
        self.max = Duration::ZERO;
    }
}

fn bucket_of(took: Duration) -> usize {
    let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    let Some(power) = nanos.checked_ilog2().filter(|power| *power >= LOWEST) else {
        return 0;
    };
    // The three bits below the highest one.
    let step = (nanos >> (power - STEPS.ilog2())) as u32 & (STEPS - 1);
    (((power - LOWEST) * STEPS + step) as usize).min(BUCKETS - 1)
}

fn middle_of(bucket: usize) -> Duration {
    let bucket = bucket as u32;
    let (power, step) = (LOWEST + bucket / STEPS, u64::from(bucket % STEPS));
    let width = 1u64 << (power - STEPS.ilog2());
    Duration::from_nanos((u64::from(STEPS) + step) * width + width / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_off_by_a_sixteenth_at_most() {
        for nanos in [32, 47, 1_000, 12_345, 999_999, 7_654_321, 60_000_000_000] {
            let mut times = CallTimes::default();
            let took = Duration::from_nanos(nanos);
            times.current.add(took, 1);
            // The maximum is exact, and must not hide an error of the bucket.
            let found = times.quantile(1);
            let error = found.as_secs_f64() / took.as_secs_f64() - 1.0;
            assert!(error.abs() <= 1.0 / 16.0, "{took:?}: {found:?}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_calls_of_the_last_generations() {
        let (mut times, start) = (CallTimes::default(), Instant::now());
        assert_eq!(times.summarize(start), None);
        for micros in 1..=100 {
            times.add(Duration::from_micros(micros), 1);
        }
        let summary = times.summarize(start).unwrap();
        let near = |found: Duration, micros: f64| {
            let found = found.as_secs_f64() * 1e6;
            assert!((found / micros - 1.0).abs() < 0.07, "{found} {micros}");
        };
        near(summary.p50, 50.0);
        near(summary.p99, 99.0);
        assert_eq!(summary.max, Duration::from_micros(100));
        assert_eq!(times.total(), Duration::from_micros(5050));
        // The calls before stay until others have taken their place.
        for seconds in 1..5 {
            times.summarize(start + Duration::from_secs(seconds));
        }
        near(times.summarize(start).unwrap().p50, 50.0);
        times.add(Duration::from_millis(1), 300);
        times.summarize(start + Duration::from_secs(9));
        near(times.summary().unwrap().p50, 1000.0);
        times.add(Duration::from_millis(2), 1);
        times.summarize(start + Duration::from_secs(11));
        assert_eq!(times.summary().unwrap().max, Duration::from_millis(2));
    }

    #[test]
    fn durations_of_any_size_are_counted() {
        let mut times = CallTimes::default();
        for took in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX / 4] {
            times.add(took, 1);
        }
        assert_eq!(times.summary().unwrap().max, Duration::MAX / 4);
    }
}

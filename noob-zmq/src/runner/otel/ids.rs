//! Ids of traces and spans: numbers that each process computes from the seed of its run.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Step between two states of the generator SplitMix64.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Returns a random number, for the ids of a run.
pub(crate) fn new_seed() -> u64 {
    // The standard library takes the keys of its hash maps from the operating system.
    RandomState::new().build_hasher().finish()
}

/// Mixes the bits of a number, as SplitMix64 does: a bijection.
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Returns the number at a place of the sequence that begins at the seed; never zero.
const fn number_at(seed: u64, place: u64) -> u64 {
    match mix(seed.wrapping_add(STEP.wrapping_mul(place))) {
        0 => 1,
        number => number,
    }
}

/// Ids of the traces of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct TraceIds {
    pub(super) seed: u64,
}

impl TraceIds {
    /// Returns the trace of an epoch.
    ///
    /// The upper half is that of the run; a sampler looks at the lower half.
    pub(super) const fn trace(self, epoch: u32) -> u128 {
        let run = number_at(self.seed, 1) as u128;
        (run << 64) | number_at(self.seed, 2 * epoch as u64 + 2) as u128
    }

    /// Returns the root span of an epoch.
    pub(super) const fn root(self, epoch: u32) -> u64 {
        number_at(self.seed, 2 * epoch as u64 + 3)
    }
}

/// Ids of the spans of a process, which no other process computes.
#[derive(Debug)]
pub(super) struct SpanIds {
    seed: u64,
    next: AtomicU64,
}

impl SpanIds {
    pub(super) fn new() -> Self {
        Self {
            seed: new_seed(),
            next: AtomicU64::new(1),
        }
    }

    /// Returns the id of the next span.
    pub(super) fn next(&self) -> u64 {
        // A number, which orders nothing.
        number_at(self.seed, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_of_a_run_are_the_same_everywhere_and_all_differ() {
        let (ids, others) = (TraceIds { seed: 7 }, TraceIds { seed: 8 });
        assert_eq!(ids.trace(3), TraceIds { seed: 7 }.trace(3));
        assert_eq!(ids.trace(0) >> 64, ids.trace(1) >> 64);
        let traces: HashSet<u128> = (0..500)
            .flat_map(|epoch| [ids.trace(epoch), others.trace(epoch)])
            .collect();
        assert_eq!(traces.len(), 1000);
        let roots = (0..500).map(|epoch| ids.root(epoch));
        let lower = (0..500).map(|epoch| ids.trace(epoch) as u64);
        assert_eq!(roots.chain(lower).collect::<HashSet<u64>>().len(), 1000);
    }

    #[test]
    fn ids_are_never_zero() {
        // The one number that becomes zero.
        assert_eq!(mix(0), 0);
        assert_eq!(number_at(0, 0), 1);
    }

    #[test]
    fn spans_of_two_processes_differ() {
        let (one, other) = (SpanIds::new(), SpanIds::new());
        let ids = (0..500).flat_map(|_| [one.next(), other.next()]);
        assert_eq!(ids.collect::<HashSet<u64>>().len(), 1000);
    }
}

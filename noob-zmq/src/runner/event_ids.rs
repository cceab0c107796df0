//! Identifiers of events.

use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};

use crate::graph::Epoch;

/// Generator of event identifiers: a random prefix, so that those of two generators differ, and a
/// count.
#[derive(Debug)]
pub(super) struct EventIds {
    prefix: u64,
    count: u64,
}

impl EventIds {
    pub(super) fn new() -> Self {
        // The keys of the standard library's hasher are its source of randomness.
        Self {
            prefix: RandomState::new().hash_one("events") << 32,
            count: 0,
        }
    }

    /// Returns the identifier of an event that a call emitted in another epoch than its own, by its
    /// place among the events of the call.
    ///
    /// The identifier is the same each time that the call is made, in whatever process, so that a
    /// repeated call is recognised.
    pub(super) fn of_call(epoch: &Epoch, place: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        (epoch, place).hash(&mut hasher);
        hasher.finish()
    }

    pub(super) const fn next(&mut self) -> u64 {
        let id = self.prefix ^ self.count;
        self.count += 1;
        id
    }
}

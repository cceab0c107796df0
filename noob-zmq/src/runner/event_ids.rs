//! Numbers of events.

use std::hash::{BuildHasher, RandomState};

/// Numbers of events: a random prefix, so that those of two makers do not meet, and a count.
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

    pub(super) const fn next(&mut self) -> u64 {
        let id = self.prefix ^ self.count;
        self.count += 1;
        id
    }
}

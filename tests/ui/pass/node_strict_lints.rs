//! A crate that denies every warning can have nodes.
#![deny(warnings, missing_docs, unused_qualifications, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::collections::BTreeMap;

use noob_zmq::graph::{Emit, Epoch};
use noob_zmq::node::EventMap;
use noob_zmq::{Signals, node};

/// Adds.
#[node]
#[must_use]
pub fn add(left: i64, #[slot(default = 2)] right: i64) -> i64 {
    left + right
}

/// Counts.
#[node]
pub fn count(limit: u64) -> impl Iterator<Item = u64> {
    0..limit
}

/// Emits nothing.
#[node]
pub fn done(_number: i64) {}

/// Describes the call and its input.
#[node]
#[must_use]
pub fn called(
    epoch: &Epoch,
    events: &EventMap,
    #[slot(rest)] rest: BTreeMap<String, i64>,
) -> usize {
    epoch.depth() + events.len() + rest.into_values().count()
}

/// Parts of a number.
#[derive(Debug, Signals)]
pub struct Parts {
    /// Half of the number.
    pub half: i64,
    /// Remainder, if there is one.
    pub rest: Emit<i64>,
}

/// Sums.
#[derive(Debug)]
pub struct Sum(i64);

#[node]
impl Sum {
    /// Creates a sum of zero.
    #[must_use]
    pub const fn new() -> Self {
        Self(0)
    }

    /// Adds to the sum.
    #[process]
    pub const fn sum(&mut self, number: i64) -> Parts {
        self.0 += number;
        Parts {
            half: self.0 / 2,
            rest: if self.0 % 2 == 0 {
                Emit::Nothing
            } else {
                Emit::Value(self.0 % 2)
            },
        }
    }
}

impl Default for Sum {
    fn default() -> Self {
        Self::new()
    }
}

#[test]
fn runs() {}

//! Indices of nodes and signals, and conversions between counts and `u32`.

use std::ops::Range;

/// A node of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeIx(pub(crate) u32);

/// A signal of a plan; of all its nodes, not of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignalIx(pub(crate) u32);

impl NodeIx {
    /// Returns the number of the node, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl SignalIx {
    /// Returns the number of the signal, from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A tube of more than 2^32 nodes does not fit into memory.
#[expect(
    clippy::cast_possible_truncation,
    reason = "counts of nodes, signals and edges of one tube"
)]
pub(crate) const fn number(count: usize) -> u32 {
    count as u32
}

/// A range of numbers as a range of places.
pub(crate) const fn range(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

//! The nodes of the benchmark, and the same without a tube around them.

use noob_zmq::node;

/// Counts from 0 on.
#[node(name = "peer_nodes.count", signal = "index")]
fn count() -> impl Iterator<Item = i64> {
    0_i64..
}

/// The numbers below `length`, again and again.
#[node(name = "peer_nodes.several", signal = "items")]
fn several(length: i64) -> impl Iterator<Item = Vec<i64>> {
    std::iter::repeat_with(move || (0..length).collect())
}

/// `left` times `right`.
#[node(name = "peer_nodes.multiply")]
fn multiply(left: i64, #[slot(default = 2)] right: i64) -> i64 {
    left.wrapping_mul(right)
}

/// `left` and `right`.
#[node(name = "peer_nodes.add")]
fn add(left: i64, right: i64) -> i64 {
    left.wrapping_add(right)
}

/// The sum.
#[node(name = "peer_nodes.total")]
fn total(items: Vec<i64>) -> i64 {
    items.iter().sum()
}

/// The functions of the nodes, called from a loop: what an epoch costs that no tube has a part in.
pub(crate) mod plain {
    use std::hint::black_box;

    /// `length` numbers, each twice as large as the one before.
    pub(crate) fn chain(index: i64, length: usize) -> i64 {
        (0..length).fold(index, |value, _| {
            black_box(super::multiply(black_box(value), black_box(1)))
        })
    }

    /// Twice and three times a number, added.
    pub(crate) fn diamond(index: i64) -> i64 {
        let left = black_box(super::multiply(black_box(index), black_box(2)));
        let right = black_box(super::multiply(black_box(index), black_box(3)));
        black_box(super::add(black_box(left), black_box(right)))
    }

    /// A number by each of those below `width`.
    pub(crate) fn fan(index: i64, width: i64) -> Vec<i64> {
        (0..width)
            .map(|right| black_box(super::multiply(black_box(index), black_box(right))))
            .collect()
    }

    /// Twice each of the numbers below `length`, added.
    pub(crate) fn map(length: i64) -> i64 {
        let items: Vec<i64> = black_box((0..length).collect());
        let items = items
            .into_iter()
            .map(|item| black_box(super::multiply(black_box(item), black_box(2))))
            .collect();
        black_box(super::total(black_box(items)))
    }
}

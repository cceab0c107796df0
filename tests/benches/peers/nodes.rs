//! Nodes of the benchmark, and the same functions without a tube.

use noob_zmq::node;

/// Counts from 0 on.
#[node(name = "peer_nodes.count", signal = "index")]
fn count() -> impl Iterator<Item = i64> {
    0_i64..
}

/// Returns the numbers below `length`, in each call.
#[node(name = "peer_nodes.several", signal = "items")]
fn several(length: i64) -> impl Iterator<Item = Vec<i64>> {
    std::iter::repeat_with(move || (0..length).collect())
}

/// Multiplies two numbers.
#[node(name = "peer_nodes.multiply")]
fn multiply(left: i64, #[slot(default = 2)] right: i64) -> i64 {
    left.wrapping_mul(right)
}

/// Adds two numbers.
#[node(name = "peer_nodes.add")]
fn add(left: i64, right: i64) -> i64 {
    left.wrapping_add(right)
}

/// Returns the sum of the values.
#[node(name = "peer_nodes.total")]
fn total(items: Vec<i64>) -> i64 {
    items.iter().sum()
}

/// The functions of the nodes in a plain loop: the cost of an epoch without a tube.
pub(crate) mod plain {
    use std::hint::black_box;

    /// Multiplies by 1, `length` times in a row.
    pub(crate) fn chain(index: i64, length: usize) -> i64 {
        (0..length).fold(index, |value, _| {
            black_box(super::multiply(black_box(value), black_box(1)))
        })
    }

    /// Adds twice and three times a number.
    pub(crate) fn diamond(index: i64) -> i64 {
        let left = black_box(super::multiply(black_box(index), black_box(2)));
        let right = black_box(super::multiply(black_box(index), black_box(3)));
        black_box(super::add(black_box(left), black_box(right)))
    }

    /// Multiplies a number by each number below `width`.
    pub(crate) fn fan(index: i64, width: i64) -> Vec<i64> {
        (0..width)
            .map(|right| black_box(super::multiply(black_box(index), black_box(right))))
            .collect()
    }

    /// Adds twice each of the numbers below `length`.
    pub(crate) fn map(length: i64) -> i64 {
        let items: Vec<i64> = black_box((0..length).collect());
        let items = items
            .into_iter()
            .map(|item| black_box(super::multiply(black_box(item), black_box(2))))
            .collect();
        black_box(super::total(black_box(items)))
    }
}

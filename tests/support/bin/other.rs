//! The `noob-zmq` command of somebody who has another `test.double` than the tests have.

use std::process::ExitCode;

use noob_zmq::node;

/// As in the tests.
#[node(name = "test.count", signal = "index")]
fn count(
    #[slot(default = 0)] start: i64,
    #[slot(default = i64::MAX)] limit: i64,
) -> impl Iterator<Item = i64> {
    start..limit
}

/// Doubles floats, and more.
#[node(name = "test.double")]
fn double(value: f64, #[slot(default = 2.0)] gain: f64) -> f64 {
    value * gain
}

/// Takes its value by another name.
#[node(name = "test.even")]
fn even(number: i64) -> bool {
    number % 2 == 0
}

#[noob_zmq::main]
fn main() -> ExitCode {
    noob_zmq::cli::main()
}

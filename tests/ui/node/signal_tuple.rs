//! `signal` names one signal.
use noob_zmq::node;

#[node(signal = ("low", "high"))]
fn parts(number: u64) -> (u64, u64) {
    (number % 10, number / 10)
}

fn main() {}

//! Four mistakes give four errors.
#![allow(unused)]

#[noob_zmq::node(name = "sums.count", signal = "index")]
fn count(limit: u64) -> impl Iterator<Item = u64> {
    0..limit
}

#[noob_zmq::node(name = "sums.add")]
fn add(left: i64, #[slot(default = 1)] right: i64) -> i64 {
    left + right
}

#[noob_zmq::node(name = "sums.shout")]
fn shout(text: String) -> String {
    text.to_uppercase()
}

noob_zmq::tube!(
    pub Four = "four_at_once.yaml",
    nodes = {"sums.count" => count, "sums.add" => add, "sums.shout" => shout},
);

fn main() {}

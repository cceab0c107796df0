//! Dependencies on unknown nodes, inputs, slots and signals.
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

fn main() {
    noob_zmq::tube!(
        "unknown_node.yaml",
        nodes = {"sums.count" => count, "sums.add" => add, "sums.shout" => shout},
    );
}

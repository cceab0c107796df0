#![allow(unused)]
use noob_zmq::node;

#[node(name = "add")]
fn undotted(left: i64) -> i64 {
    left
}

#[node(name = "sums.2nd", signal = "the sum")]
fn wrong_words(input: i64) -> i64 {
    input
}

fn main() {}

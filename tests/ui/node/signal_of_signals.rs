#![allow(unused)]
use noob_zmq::graph::Emit;
use noob_zmq::{Signals, node};

#[derive(Signals)]
struct Sorted {
    fruit: Emit<String>,
}

#[node(signal = "thing")]
fn sort(thing: String) -> Sorted {
    Sorted { fruit: Emit::Value(thing) }
}

fn main() {}

#![allow(unused)]
use noob_zmq::graph::Emit;
use noob_zmq::{Signals, node};

#[derive(Signals)]
enum Sorted {
    Fruit(String),
}

#[derive(Signals)]
struct Pair<T>(T, T);

fn main() {}

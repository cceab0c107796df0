#![allow(unused)]
use noob_zmq::node;

#[node]
fn area((width, height): (i64, i64), _: i64) -> i64 {
    width * height
}

fn main() {}

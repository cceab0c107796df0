#![allow(unused)]
use noob_zmq::node;

#[node(nam = "a.b")]
unsafe fn add(left: &i64, (right, _): (i64, i64)) -> i64 {
    left + right
}

fn main() {}

#![allow(unused)]
use noob_zmq::node;

struct Wrong;

#[node]
fn check(number: i64) -> Result<i64, Wrong> {
    Ok(number)
}

fn main() {}

#![allow(unused)]
use noob_zmq::node;

#[node(nam = "sums.add", signal = "sum", signal = "total")]
fn add(left: i64, #[slot(defualt = 2)] right: i64) -> i64 {
    left + right
}

fn main() {}

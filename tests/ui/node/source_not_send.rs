#![allow(unused)]
use std::rc::Rc;

use noob_zmq::node;

#[node]
fn count(limit: u64) -> impl Iterator<Item = u64> {
    let shared = Rc::new(limit);
    (0..*shared).map(move |number| number + *shared)
}

fn main() {}

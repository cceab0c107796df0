#![allow(unused)]
use std::rc::Rc;

use noob_zmq::node;

struct Count {
    limit: Rc<u64>,
}

impl Iterator for Count {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        None
    }
}

#[node]
fn count(limit: u64) -> impl Iterator<Item = u64> {
    Count {
        limit: Rc::new(limit),
    }
}

fn main() {}

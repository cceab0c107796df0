#![allow(unused)]
use noob_zmq::node;

#[node]
fn show(what: impl ToString) -> impl ToString {
    what
}

fn main() {}

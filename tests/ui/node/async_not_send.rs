#![allow(unused)]
use std::rc::Rc;

use noob_zmq::node;

#[node]
async fn later(number: i64) -> i64 {
    let shared = Rc::new(number);
    tick().await;
    *shared
}

async fn tick() {}

fn main() {}

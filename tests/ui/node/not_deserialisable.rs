#![allow(unused)]
use noob_zmq::node;

struct Page;

#[node]
fn title(page: Page) -> String {
    String::new()
}

fn main() {}

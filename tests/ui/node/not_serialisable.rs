#![allow(unused)]
use noob_zmq::{Signals, node};

struct Page;

#[node]
fn page(title: String) -> Page {
    Page
}

#[node]
fn pages(count: usize) -> impl Iterator<Item = Page> {
    std::iter::repeat_with(|| Page).take(count)
}

#[derive(Signals)]
struct Both {
    title: String,
    page: Page,
}

fn main() {}

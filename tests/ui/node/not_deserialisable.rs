//! Arguments that serde cannot deserialise: of a function, a source and a block.
#![allow(unused)]
use noob_zmq::node;

struct Page;

#[node]
fn title(page: Page) -> String {
    String::new()
}

#[node]
fn pages(first: Page) -> impl Iterator<Item = u64> {
    0..1
}

struct Book;

#[node]
impl Book {
    fn new(cover: Page) -> Self {
        Self
    }

    #[process]
    fn read(&mut self, next: Option<Page>) {}
}

fn main() {}

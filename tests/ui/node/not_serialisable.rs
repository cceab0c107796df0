//! Results that serde cannot serialise: of a function, a source, a block, and a signal.
#![allow(unused)]
use noob_zmq::{Signals, node};

struct Page;

#[node(signal = "page")]
fn page(title: String) -> Page {
    Page
}

#[node]
fn pages(count: usize) -> impl Iterator<Item = Page> {
    std::iter::repeat_with(|| Page).take(count)
}

struct Book;

#[node]
impl Book {
    fn new() -> Self {
        Self
    }

    #[process]
    fn read(&mut self) -> Result<Page, String> {
        Ok(Page)
    }
}

#[derive(Signals)]
struct Both {
    title: String,
    page: Page,
}

fn main() {}

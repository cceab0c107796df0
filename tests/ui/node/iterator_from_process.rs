#![allow(unused)]
use noob_zmq::node;

struct Lines;

#[node]
impl Lines {
    fn new() -> Self {
        Self
    }

    #[process]
    fn lines(&mut self, text: String) -> impl Iterator<Item = String> {
        std::iter::once(text)
    }
}

fn main() {}

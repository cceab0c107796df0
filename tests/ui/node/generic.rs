#![allow(unused)]
use noob_zmq::node;

#[node]
fn first<T: Clone>(list: Vec<T>) -> Option<T> {
    list.first().cloned()
}

struct Last<T>(T);

#[node]
impl<T: Clone + Send + 'static> Last<T> {
    fn new(first: T) -> Self {
        Self(first)
    }

    #[process]
    fn last(&self) -> T {
        self.0.clone()
    }
}

fn main() {}

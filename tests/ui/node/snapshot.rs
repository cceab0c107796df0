#![allow(unused)]
use noob_zmq::node;

struct One;

#[node]
impl One {
    fn new() -> Self {
        One
    }

    #[process]
    fn call(&mut self, width: i64) -> i64 {
        width
    }

    #[snapshot]
    fn save(&self) -> i64 {
        0
    }
}

struct Other;

#[node]
impl Other {
    fn new() -> Self {
        Other
    }

    #[process]
    fn call(&mut self, width: i64) -> i64 {
        width
    }

    #[restore]
    fn load(&mut self, state: i64) {}
}

struct Shapes;

#[node(stateful = false)]
impl Shapes {
    fn new() -> Self {
        Shapes
    }

    #[process]
    fn call(&mut self, width: i64) -> i64 {
        width
    }

    #[snapshot]
    async fn save(&mut self, deep: bool) {}

    #[restore]
    fn load(&mut self, state: &str, more: i64) -> i64 {
        0
    }
}

#[node]
#[snapshot]
fn plain(value: i64) -> i64 {
    value
}

fn main() {}

//! Mistakes that only show when a tube is put together with what it extends, each told where it is written.
#![allow(unused)]

#[noob_zmq::node(name = "sums.add")]
fn add(left: i64, #[slot(default = 1)] right: i64) -> i64 {
    left + right
}

fn main() {
    noob_zmq::tube!(
        "extends_merged.yaml",
        nodes = {"sums.add" => add},
    );
}

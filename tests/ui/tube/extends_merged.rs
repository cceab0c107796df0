//! Mistakes that appear in a merged tube, each reported in its own file.
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

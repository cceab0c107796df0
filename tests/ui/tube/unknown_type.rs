//! Node types that are not where their names say.
#![allow(unused)]

mod math {
    pub fn add(left: i64) -> i64 {
        left
    }
}

fn main() {
    noob_zmq::tube!(
        "unknown_type.yaml",
        nodes = {"sums.add" => crate::math::add},
    );
}

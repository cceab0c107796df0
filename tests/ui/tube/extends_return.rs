//! The extended tube has a return node, and the tube has none.
#![allow(unused)]

fn main() {
    noob_zmq::tube!(
        "extends_return.yaml",
    );
}

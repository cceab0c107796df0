//! A node type in a module that does not exist.
#![allow(unused)]

fn main() {
    noob_zmq::tube!(
        "unknown_module.yaml",
    );
}

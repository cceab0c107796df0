//! A node type of which nothing says where it is.
#![allow(unused)]

fn main() {
    noob_zmq::tube!(
        "nowhere.yaml",
    );
}

//! A tube that extends another.
#![allow(unused)]

fn main() {
    noob_zmq::tube!(
        "extends.yaml",
    );
}

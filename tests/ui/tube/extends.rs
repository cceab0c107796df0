//! A tube that extends one that is not there and one that has mistakes.
#![allow(unused)]

fn main() {
    noob_zmq::tube!(
        "extends.yaml",
    );
}

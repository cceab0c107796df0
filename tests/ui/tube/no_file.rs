//! A file that is not there.
#![allow(unused)]

fn main() {
    noob_zmq::tube!("/tubes/nowhere.yaml");
}

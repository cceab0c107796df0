//! A number in the place of the function that creates node runners.
#![allow(unused)]

#[noob_zmq::main(node_runner = 7)]
fn main() {}

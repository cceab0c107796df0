//! What is named as the maker of node runners is none: a number.
#![allow(unused)]

#[noob_zmq::main(node_runner = 7)]
fn main() {}

//! Nothing is named as the maker of node runners, and an option that there is not.
#![allow(unused)]

#[noob_zmq::main(node_runner, node_runnner = Timed::new)]
fn main() {}

#![allow(unused)]

#[noob_zmq::main(flavor = "current_thread")]
fn start(arguments: Vec<String>) {}

fn main() {}

#![allow(unused)]

#[noob_zmq::main]
fn main() -> u32 {
    7
}

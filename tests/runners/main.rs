//! The rules that hold for every runner: each test runs over all three.

mod as_noob_fails;
mod custom;
mod errors;
mod forms;
mod free;
mod iter;
mod lifecycle;
mod maps;
mod orders;
mod switch;
mod values;

noob_zmq::test_nodes!();

#![allow(unused)]
use noob_zmq::node;

#[node]
fn twice(#[slot(default = 1)] #[slot(default = 2)] number: i64) -> i64 {
    number
}

#[node]
fn of_an_option(#[slot(default = 1)] number: Option<i64>) -> i64 {
    number.unwrap_or(0)
}

#[node]
fn of_another_type(#[slot(default = "one")] number: i64) -> i64 {
    number
}

#[node]
fn of_a_fraction(#[slot(default = 2.5)] number: i64) -> i64 {
    number
}

fn main() {}

//! Remaining slots as a type without names, and with values that cannot be deserialised.
#![allow(unused)]
use std::collections::BTreeMap;

struct Page;

#[noob_zmq::node]
fn list(#[slot(rest)] others: Vec<i64>) {}

#[noob_zmq::node]
fn pages(#[slot(rest)] others: BTreeMap<String, Page>) {}

fn main() {}

//! The rest of the slots: taken twice, as an `Option`, with a default, with a value.
#![allow(unused)]
use std::collections::BTreeMap;

#[noob_zmq::node]
fn twice(#[slot(rest)] left: BTreeMap<String, i64>, #[slot(rest)] right: BTreeMap<String, i64>) {}

#[noob_zmq::node]
fn maybe(#[slot(rest)] others: Option<BTreeMap<String, i64>>) {}

#[noob_zmq::node]
fn with_default(#[slot(rest, default)] others: BTreeMap<String, i64>) {}

#[noob_zmq::node]
fn of_something(#[slot(rest = 2)] others: BTreeMap<String, i64>) {}

fn main() {}

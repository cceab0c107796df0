//! A message owns what it holds, and has one form.
#![allow(unused)]
use noob_zmq::Message;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Message)]
struct Reading<'a>(&'a str);

fn main() {}

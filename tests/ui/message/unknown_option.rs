//! An option that does not exist.
#![allow(unused)]
use noob_zmq::Message;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Message)]
#[message(knd = "reading")]
struct Reading(u8);

fn main() {}

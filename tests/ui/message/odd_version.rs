//! Versions begin at 1.
#![allow(unused)]
use noob_zmq::Message;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Message)]
#[message(version = 0)]
struct Reading(u8);

#[derive(Debug, Serialize, Deserialize, Message)]
#[message(version = "2")]
struct Other(u8);

fn main() {}

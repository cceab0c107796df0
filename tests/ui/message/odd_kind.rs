//! A kind that is no word.
#![allow(unused)]
use noob_zmq::Message;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Message)]
#[message(kind = "My Reading")]
struct Reading(u8);

fn main() {}

//! A message that serde cannot serialise cannot be sent.
#![allow(unused)]
use noob_zmq::Message;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Message)]
struct Reading(u8);

fn main() {}

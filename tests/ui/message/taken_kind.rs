//! A kind that noob has.
#![allow(unused)]
use noob_zmq::Message;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Message)]
#[message(kind = "status")]
struct MyStatus(u8);

#[derive(Debug, Serialize, Deserialize, Message)]
struct Identify(u8);

fn main() {}

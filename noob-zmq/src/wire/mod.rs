//! Messages and their codecs: noob's JSON, and msgpack between Rust processes.
//!
//! A message is a topic and a body, with the large buffers of a msgpack body in frames between; the body is an envelope of kind, sender, time and value. [`Envelope::encode`] makes a body of a
//! [`Message`]; [`RawMessage::parse`] reads the envelope of what arrived, and [`RawMessage::decode`] its value, once somebody wants it.

mod codec;
mod envelope;
mod error;
mod frames;
mod interner;
mod json;
mod kind;
mod lenient;
pub mod message;
mod msgpack;
mod received;
mod sentinel;
mod writer;

pub use codec::Codec;
pub use envelope::{Body, Envelope, Message};
pub use error::WireError;
pub use frames::Encoded;
pub use interner::NameCache;
pub use kind::MessageType;
pub use message::{
    Announce, Cause, Deinit, EpochEnded, EpochsEnded, Events, Failure, Health, Identify, Init,
    Lend, NodeStatus, Phase, Ping, Process, Report, Resume, Spec, Start, Status, Stop,
    Subscription,
};
pub use received::{Framing, RawMessage};
pub use writer::Writer;

#[cfg(test)]
mod tests;

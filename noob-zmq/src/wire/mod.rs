//! Messages and their codecs.
//!
//! A message is a topic and a body, with the large buffers of a msgpack body in frames between
//! them; the body is an envelope of kind, sender, time and value. [`Envelope::encode`] makes a body
//! of a [`Message`]; [`RawMessage::parse`] decodes the envelope of a received message, and
//! [`RawMessage::decode`] its value once a handler wants it.
//!
//! There are no sockets here: `transport` moves the frames.

mod block;
mod codec;
mod envelope;
mod error;
mod frames;
mod interner;
mod json;
mod kind;
pub mod message;
mod msgpack;
mod received;
mod writer;

pub(crate) use block::{decode_block, encode_block};
pub use codec::Codec;
pub use envelope::{Body, Envelope, Message};
pub use error::WireError;
pub use frames::Encoded;
pub use interner::NameCache;
pub use kind::MessageType;
pub use message::{
    Announce, Deinit, EpochsEnded, Events, Failure, Health, Identify, Lend, NodeStatus, Observe,
    Phase, Ping, Process, Progress, Receipt, Report, Resume, SampledValue, Start, Status, Stop,
    Subscription,
};
pub use received::{Framing, RawMessage};
pub use writer::Writer;

#[cfg(test)]
mod tests;

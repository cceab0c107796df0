//! `#[derive(Message)]`: a serde type becomes a message with a kind of its own.

mod expand;
mod ir;
mod parse;
mod stages;

pub(crate) use stages::derive;

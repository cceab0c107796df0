//! `#[derive(Sockets)]`: from a struct with one field a socket to its names, its `..Incoming` enum
//! and its `Sockets` impl.

mod check;
mod codec;
mod expand;
mod hidden;
mod ir;
mod kinds;
mod known;
mod parse;
mod peers;
mod rules;
mod stages;
mod templates;

pub(crate) use kinds::Kind;
pub(crate) use known::{Arrival, Known, Member};
#[cfg(test)]
pub(crate) use stages::passed_on;
pub(crate) use stages::{define, derive};

//! `#[derive(Sockets)]`: from a struct with one field a socket to its names, its `..Incoming` enum and its `Sockets` impl.

mod check;
mod expand;
mod ir;
mod kinds;
mod known;
mod parse;
mod stages;

pub(crate) use kinds::Kind;
pub(crate) use known::{Arrival, Known, Member};
pub(crate) use stages::{define, derive};

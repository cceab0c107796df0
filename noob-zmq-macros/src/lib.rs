//! The macros of `noob-zmq`. Use them through that crate, which re-exports and documents them.
//!
//! One folder a macro: `parse` knows syntax, `check` only finds mistakes, `expand` cannot fail.

mod attrs;
mod errors;
mod names;

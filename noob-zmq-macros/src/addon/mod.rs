//! `#[addon(..)]`: a function that handles, for an actor of another crate, a kind of message that
//! its spec does not name.

mod expand;
mod ir;
mod parse;
mod stages;

pub(crate) use stages::annotate;

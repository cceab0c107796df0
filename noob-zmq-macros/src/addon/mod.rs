//! `#[addon(..)]`: makes a function handle, for an actor of another crate, a kind that its spec
//! does not name.

mod expand;
mod ir;
mod parse;
mod stages;

pub(crate) use stages::annotate;

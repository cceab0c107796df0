//! Re-exports of the macros, with their documentation.
//!
//! The documentation stands here and not in the macro crate, so that its examples can use this
//! crate.

mod actors;
mod tubes;

pub use actors::{Message, Sockets, addon, handlers};
#[cfg(feature = "macros")]
pub use tubes::tube;
pub use tubes::{Signals, asset, main, node};

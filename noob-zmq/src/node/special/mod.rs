//! Node types that are part of the tube language: `return`, `map`, `gather`.

mod gather;
mod items;
mod map;
mod return_;

pub use gather::Gather;
pub use items::{ForeignItems, set_foreign_items};
pub use map::Map;
pub use return_::Return;

//! Node types that are part of the tube language: `return`, `map`, `gather`.

mod gather;
mod map;
mod return_;

pub use gather::Gather;
pub use map::Map;
pub use return_::Return;

//! Code that `#[node]`, `#[asset]`, `#[derive(Signals)]` and `tube!` expand to calls of.
//!
//! The traits stand between user types and values. What is called at run time is in
//! [`Call`](crate::node::Call); everything here is resolved by the compiler.

mod detect;
mod rest_slots;
pub mod types;

pub use self::detect::{ShapeFallback, ShapeProbe};
pub use self::rest_slots::RemainingSlots;

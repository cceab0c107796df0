//! Shapes of types as values between nodes, and whether one can be assigned to another.

mod assignable;
mod declared;

mod shape;
#[cfg(test)]
mod tests;

pub use assignable::{Fit, fit};
pub use declared::declared;
pub use shape::{HasShape, IntRange, TypeShape};

//! What types are as values between nodes, and whether one goes where another is expected.

mod assignable;
mod declared;

mod shape;
#[cfg(test)]
mod tests;

pub use assignable::{Fit, fit};
pub use declared::declared;
pub use shape::{HasShape, IntRange, TypeShape};

//! What types are as values between nodes, and whether one goes where another is expected.

mod declared;
mod fit;
mod shape;
#[cfg(test)]
mod tests;

pub use declared::declared;
pub use fit::{Fit, fit};
pub use shape::{HasShape, TypeShape, Whole};

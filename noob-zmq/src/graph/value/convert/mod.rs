//! Any serde type to a [`Value`](super::Value) and back.

mod de;
mod error;
mod functions;
mod passthrough;
mod ser;
#[cfg(test)]
pub(crate) mod tests;

pub use error::ValueError;
pub use functions::{from_value, to_value};

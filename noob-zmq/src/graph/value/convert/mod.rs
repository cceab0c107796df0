//! Any serde type to a [`Value`](super::Value) and back.

#[cfg(feature = "ndarray")]
mod arrays;
mod de;
pub(crate) mod dense;
mod functions;
mod numbers;
mod object_codec;
mod passthrough;
mod ser;
#[cfg(test)]
pub(crate) mod tests;

pub use functions::{from_value, to_value};
pub use object_codec::{StateCodec, Transferable};
#[cfg(feature = "record")]
pub(crate) use passthrough::escaped_key;

//! Values that nodes exchange: the dynamic type [`Value`], what a node emits ([`Emit`]), shared
//! [objects](Object), and the conversion of serde types.

mod convert;
mod dynamic;
mod emit;
mod error;
mod from;
mod list;
mod number;
mod object;
mod opaque;

pub(crate) use self::convert::dense;
#[cfg(feature = "record")]
pub(crate) use self::convert::escaped_key;
#[cfg(test)]
pub(crate) use self::convert::tests::any_value;
pub use self::convert::{StateCodec, Transferable, from_value, to_value};
pub use self::dynamic::{Bytes, Map, Tensor, Value};
pub use self::emit::Emit;
pub use self::error::ValueError;
pub(crate) use self::error::found;
pub use self::list::List;
pub use self::number::{Number, NumberType};
pub use self::object::{Object, ObjectCodec};
pub use self::opaque::Opaque;

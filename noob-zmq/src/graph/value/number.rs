//! Numbers of a fixed size, of which packed lists and tensors are made.

use bytemuck::Pod;

use super::Value;

/// Type of the numbers of a packed [`List`](super::List) or a [`Tensor`](super::Tensor).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "the names of Rust")]
pub enum NumberType {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

/// Rust types whose values in memory are those of a packed list or a tensor: numbers of 8 to 64
/// bits.
pub trait Number: Pod + Into<Value> {
    /// The type.
    const TYPE: NumberType;
}

macro_rules! numbers {
    ($($type:ty => $variant:ident, $little:literal, $big:literal;)*) => {
        impl NumberType {
            /// Returns the type in numpy's short form (`<f8`, `|u1`), in the byte order of this
            /// host.
            #[must_use]
            pub const fn dtype(self) -> &'static str {
                match self {
                    $(Self::$variant => if cfg!(target_endian = "big") { $big } else { $little },)*
                }
            }

            /// Returns the type of this short form; `None` for types that Rust does not have, and
            /// for numbers in the byte order of other hosts.
            #[must_use]
            pub fn of(dtype: &str) -> Option<Self> {
                let all = [$(Self::$variant),*];
                all.into_iter().find(|number| number.dtype() == dtype)
            }

            /// Returns the name of the type in Rust.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($type),)*
                }
            }

            /// Returns the number of bytes of a number.
            #[must_use]
            pub const fn size(self) -> usize {
                match self {
                    $(Self::$variant => size_of::<$type>(),)*
                }
            }

            /// Returns the number at the start of these bytes, if they are long enough.
            pub(super) fn read(self, bytes: &[u8]) -> Option<Value> {
                match self {
                    $(Self::$variant => {
                        let number = bytes.first_chunk().copied()?;
                        Some(<$type>::from_ne_bytes(number).into())
                    })*
                }
            }
        }

        $(impl Number for $type {
            const TYPE: NumberType = NumberType::$variant;
        })*
    };
}

numbers! {
    i8 => I8, "|i1", "|i1";
    u8 => U8, "|u1", "|u1";
    i16 => I16, "<i2", ">i2";
    u16 => U16, "<u2", ">u2";
    i32 => I32, "<i4", ">i4";
    u32 => U32, "<u4", ">u4";
    i64 => I64, "<i8", ">i8";
    u64 => U64, "<u8", ">u8";
    f32 => F32, "<f4", ">f4";
    f64 => F64, "<f8", ">f8";
}

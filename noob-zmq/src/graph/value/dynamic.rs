//! The dynamic value that travels between nodes.

use std::{borrow::Cow, sync::Arc};

pub use bytes::Bytes;
use indexmap::IndexMap;

use super::list::List;
use super::object::Object;
use super::opaque::Opaque;

/// String keys to values, in the order they were put in.
pub type Map = IndexMap<String, Value>;

/// A value that nodes exchange; a clone shares its contents.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Value {
    /// Nothing, as a value (an absent value is `Emit::Nothing`).
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer that fits into 64 bits with sign.
    Int(i64),
    /// An integer above [`i64::MAX`].
    UInt(u64),
    /// An integer beyond 64 bits: decimal digits with an optional minus sign.
    BigInt(Arc<str>),
    /// A floating-point number; NaN and infinities included.
    Float(f64),
    /// A text.
    Str(Arc<str>),
    /// A sequence.
    List(List),
    /// A mapping.
    Map(Arc<Map>),
    /// Raw bytes.
    Bytes(Bytes),
    /// A dense array.
    Tensor(Arc<Tensor>),
    /// Something that nodes share and change in place.
    Object(Object),
    /// An object of another language, which only programs that know its kind can open.
    Opaque(Arc<Opaque>),
}

/// A dense array: element type, shape, and the elements in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Element type, in numpy's short form (`<f8`, `|u1`).
    pub dtype: Arc<str>,
    /// Length of each axis, outermost first.
    pub shape: Arc<[u64]>,
    /// The elements.
    pub data: Bytes,
}

impl Value {
    /// Returns the kind of the value, for messages: `null`, `bool`, `integer`, `float`, `string`,
    /// `list`, `map`, `bytes`, `tensor`, `object` or `opaque object`.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::UInt(_) | Self::BigInt(_) => "integer",
            Self::Float(_) => "float",
            Self::Str(_) => "string",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Bytes(_) => "bytes",
            Self::Tensor(_) => "tensor",
            Self::Object(_) => "object",
            Self::Opaque(_) => "opaque object",
        }
    }

    /// Returns the approximate size in bytes: the value itself and its contents, as if nothing were
    /// shared.
    ///
    /// Of an [`Object`] only the handle counts.
    #[must_use]
    pub fn size(&self) -> u64 {
        let held = match self {
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::UInt(_)
            | Self::Float(_)
            | Self::Object(_) => 0,
            Self::BigInt(text) | Self::Str(text) => text.len() as u64,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Tensor(tensor) => (tensor.data.len() + 8 * tensor.shape.len()) as u64,
            Self::Opaque(opaque) => opaque.size(),
            Self::List(items) => items.size(),
            Self::Map(map) => map
                .iter()
                .map(|(key, value)| key.len() as u64 + value.size())
                .sum(),
        };
        size_of::<Self>() as u64 + held
    }

    /// Whether it is [`Value::Null`].
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The truth value, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::UInt(value) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// The integer, if it is one that fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Int(value) => u64::try_from(*value).ok(),
            Self::UInt(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the number, rounded to the nearest `f64`, if the value is an integer or a float.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::UInt(value) => Some(*value as f64),
            Self::BigInt(digits) => digits.parse().ok(),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The bytes, if it is bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The array, if it is a tensor.
    #[must_use]
    pub fn as_tensor(&self) -> Option<&Tensor> {
        match self {
            Self::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// The object of another language, if it is one.
    #[must_use]
    pub fn as_opaque(&self) -> Option<&Opaque> {
        match self {
            Self::Opaque(opaque) => Some(opaque),
            _ => None,
        }
    }

    /// Returns the first object of another language in the value.
    #[must_use]
    pub(crate) fn find_opaque(&self) -> Option<&Opaque> {
        match self {
            Self::Opaque(opaque) => Some(opaque),
            Self::List(items) if items.as_packed().is_none() => {
                items.iter().find_map(Self::find_opaque)
            }
            Self::Map(map) => map.values().find_map(Self::find_opaque),
            _ => None,
        }
    }

    /// The value of this key, if it is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// Returns whether two values are the same bit by bit: NaN equals NaN, and `0.0` differs from
    /// `-0.0`.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => {
                a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
            }
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.get(key).is_some_and(|b| a.same(b)))
            }
            _ => self == other,
        }
    }

    /// Returns the integer of these decimal digits, in the narrowest variant that holds the number;
    /// `None` if `text` is not `-?[0-9]+`.
    #[must_use]
    pub fn integer(text: &str) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // Leading zeros would make two texts of one number.
        let significant = digits.trim_start_matches('0');
        let canonical: Cow<'_, str> = if significant.is_empty() {
            return Some(Self::Int(0));
        } else if significant.len() == digits.len() {
            text.into()
        } else {
            format!("{sign}{significant}").into()
        };
        Some(if let Ok(value) = canonical.parse() {
            Self::Int(value)
        } else if let Ok(value) = canonical.parse() {
            Self::UInt(value)
        } else {
            Self::BigInt(canonical.into())
        })
    }
}

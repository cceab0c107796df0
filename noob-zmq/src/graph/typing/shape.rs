//! The shape of a type: what its values look like between nodes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ndarray")]
use crate::graph::Number;
use crate::graph::{Bytes, NumberType, Tensor, Value};

/// Shape of the values of a type, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TypeShape {
    /// Nothing is known of the type: its values can be assigned to everything, and everything to
    /// it.
    #[default]
    Unknown,
    /// Any value at all.
    Any,
    /// Null and nothing else.
    Null,
    /// A truth value.
    Bool,
    /// An integer between two bounds, or of any size.
    Int(Option<IntRange>),
    /// A floating-point number; takes integers too.
    Float,
    /// An integer or a float.
    Number,
    /// A text.
    Str,
    /// A text of one character.
    Char,
    /// Raw bytes.
    Bytes,
    /// A dense array.
    Tensor {
        /// Type of its numbers, if it is fixed.
        number: Option<NumberType>,
        /// Number of its axes, if it is fixed.
        axes: Option<usize>,
    },
    /// An object of another language.
    Opaque,
    /// A list, of so many items if their number is fixed.
    List {
        /// Shape of each item.
        item: Box<Self>,
        /// Number of items, if it is fixed.
        len: Option<usize>,
    },
    /// A list of items each of which is something of its own.
    Tuple(Vec<Self>),
    /// A mapping to values of this shape.
    Map(Box<Self>),
    /// This, or null.
    Option(Box<Self>),
}

/// The bounds of an integer, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IntRange {
    /// The lowest.
    pub low: i128,
    /// The highest.
    pub high: u128,
}

impl TypeShape {
    /// A list of any number of these.
    #[must_use]
    pub fn list(item: Self) -> Self {
        Self::List {
            item: Box::new(item),
            len: None,
        }
    }

    /// This, or null.
    #[must_use]
    pub fn or_null(self) -> Self {
        match self {
            Self::Unknown | Self::Any | Self::Null | Self::Option(_) => self,
            other => Self::Option(Box::new(other)),
        }
    }

    /// Returns the shape of the items that a `map` emits for such a value; `None` if it has no
    /// items.
    #[must_use]
    pub fn items(&self) -> Option<Self> {
        match self {
            Self::Unknown | Self::Any => Some(self.clone()),
            Self::List { item, .. } => Some((**item).clone()),
            Self::Tuple(items) => match items.split_first() {
                Some((first, rest)) if rest.iter().all(|item| item == first) => Some(first.clone()),
                _ => Some(Self::Unknown),
            },
            Self::Map(_) | Self::Str | Self::Char => Some(Self::Str),
            Self::Bytes => Some(u8::shape()),
            Self::Option(inner) => inner.items(),
            Self::Null
            | Self::Bool
            | Self::Int(_)
            | Self::Float
            | Self::Number
            | Self::Opaque
            | Self::Tensor { .. } => None,
        }
    }

    /// Returns a noun for messages, such as "an integer".
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Unknown | Self::Any => "any value",
            Self::Null => "null",
            Self::Bool => "a truth value",
            Self::Int(_) => "an integer",
            Self::Float => "a float",
            Self::Number => "a number",
            Self::Str => "a text",
            Self::Char => "a character",
            Self::Bytes => "bytes",
            Self::Tensor { .. } => "a tensor",
            Self::Opaque => "an object of another language",
            Self::List { .. } | Self::Tuple(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Option(inner) => inner.noun(),
        }
    }
}

/// A type with a known shape, so that the edges of a tube can be checked for types that do not
/// match.
///
/// The arguments and results of a `#[node]` need not implement this trait: a type without it is
/// assumed to match every other. Numbers, texts, lists, mappings, options and tuples implement it
/// if their contents do.
///
/// ```
/// use noob_zmq::graph::{TypeShape, HasShape};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Celsius(f64); // serde treats a struct of one unnamed field as its content
///
/// impl HasShape for Celsius {
///     fn shape() -> TypeShape {
///         f64::shape()
///     }
/// }
/// ```
pub trait HasShape {
    /// Returns the shape of the values that serde produces for the type and accepts as one.
    fn shape() -> TypeShape;
}

impl NumberType {
    /// Returns the shape of a number of this type.
    pub(super) fn shape(self) -> TypeShape {
        match self {
            Self::I8 => i8::shape(),
            Self::U8 => u8::shape(),
            Self::I16 => i16::shape(),
            Self::U16 => u16::shape(),
            Self::I32 => i32::shape(),
            Self::U32 => u32::shape(),
            Self::I64 => i64::shape(),
            Self::U64 => u64::shape(),
            Self::F32 | Self::F64 => TypeShape::Float,
        }
    }
}

#[cfg(feature = "ndarray")]
impl<A: Number, D: ndarray::Dimension> HasShape for ndarray::Array<A, D> {
    fn shape() -> TypeShape {
        TypeShape::Tensor {
            number: Some(A::TYPE),
            axes: D::NDIM,
        }
    }
}

/// Implements [`HasShape`]: generic parameters in brackets, a type, and its shape.
macro_rules! shapes {
    ($([$($parameter:tt)*] $type:ty => $shape:expr;)*) => {$(
        impl<$($parameter)*> HasShape for $type {
            fn shape() -> TypeShape {
                $shape
            }
        }
    )*};
}

shapes! {
    [] Value => TypeShape::Any;
    [] serde_json::Value => TypeShape::Any;
    [] () => TypeShape::Null;
    [] bool => TypeShape::Bool;
    [] f32 => TypeShape::Float;
    [] f64 => TypeShape::Float;
    [] String => TypeShape::Str;
    [] str => TypeShape::Str;
    [] PathBuf => TypeShape::Str;
    [] char => TypeShape::Char;
    [] Bytes => TypeShape::Bytes;
    [] Tensor => TypeShape::Tensor { number: None, axes: None };
    [] u128 => TypeShape::Int(Some(IntRange { low: 0, high: u128::MAX }));
    [] usize => u64::shape();
    [] isize => i64::shape();
    [T: HasShape] [T] => TypeShape::list(T::shape());
    [T: HasShape] Vec<T> => TypeShape::list(T::shape());
    [T: HasShape] VecDeque<T> => TypeShape::list(T::shape());
    [T: HasShape] BTreeSet<T> => TypeShape::list(T::shape());
    [T: HasShape, S] HashSet<T, S> => TypeShape::list(T::shape());
    [T: HasShape, S] IndexSet<T, S> => TypeShape::list(T::shape());
    [T: HasShape, const N: usize] [T; N] => {
        TypeShape::List { item: Box::new(T::shape()), len: Some(N) }
    };
    [K, T: HasShape] BTreeMap<K, T> => TypeShape::Map(Box::new(T::shape()));
    [K, T: HasShape, S] HashMap<K, T, S> => TypeShape::Map(Box::new(T::shape()));
    [K, T: HasShape, S] IndexMap<K, T, S> => TypeShape::Map(Box::new(T::shape()));
    [T: HasShape] Option<T> => T::shape().or_null();
    [T: HasShape + ?Sized] Box<T> => T::shape();
    [T: HasShape + ?Sized] Rc<T> => T::shape();
    [T: HasShape + ?Sized] Arc<T> => T::shape();
    [T: HasShape + ?Sized] &T => T::shape();
    [T: HasShape + ToOwned + ?Sized] Cow<'_, T> => T::shape();
}

macro_rules! integers {
    ($($type:ty),*) => {
        shapes! {$(
            [] $type => TypeShape::Int(Some(IntRange {
                low: i128::from(<$type>::MIN),
                high: <$type>::MAX as u128,
            }));
        )*}
    };
}

integers!(i8, i16, i32, i64, i128, u8, u16, u32, u64);

macro_rules! tuples {
    ($(($($item:ident),+))*) => {$(
        shapes! {
            [$($item: HasShape),+] ($($item,)+) => TypeShape::Tuple(vec![$($item::shape()),+]);
        }
    )*};
}

tuples! {
    (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F)
    (A, B, C, D, E, F, G) (A, B, C, D, E, F, G, H)
}

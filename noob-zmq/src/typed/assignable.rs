//! Types that can be assigned to slots, as far as types alone can tell.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::path::PathBuf;

use indexmap::{IndexMap, IndexSet};

use crate::graph::{Bytes, Tensor, Value};

/// Marks types whose values can be assigned to slots of type `Slot`, because serde reads them as
/// such.
///
/// `tube!` accepts an edge between two types if they are the same, if one of them is [`Value`], or
/// if this trait is implemented. There are implementations for numbers of all sizes, texts and
/// paths, and lists and mappings of these. Implement it for a type of your own that serde reads
/// from another:
///
/// ```
/// use noob_zmq::typed::AssignableTo;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Celsius(f64);
///
/// impl AssignableTo<Celsius> for f64 {}
/// impl AssignableTo<f64> for Celsius {}
/// ```
pub trait AssignableTo<Slot> {}

/// Marks types that a `map` takes apart into items.
///
/// `At` stands for the place of the map in the tube file, for the text of an error.
#[diagnostic::on_unimplemented(
    message = "`{At}`: a `map` takes a list apart, and `{Self}` is none that is known",
    label = "this tube feeds a `{Self}` to a `map`",
    note = "lists, sets, mappings, texts and bytes have items; for a type of your own, \
            implement `noob_zmq::typed::HasItems`"
)]
pub trait HasItems<At> {
    /// Type of an item.
    type Item;
}

/// An edge between two types, whose constants tell whether they fit.
///
/// A constant is true for pairs that fit; for all others that of [`EdgeFallback`] takes its place.
pub struct TypedEdge<From, To>(PhantomData<(From, To)>);

impl<T> TypedEdge<T, T> {
    /// The types are the same.
    pub const SAME: bool = true;
}

impl<T> TypedEdge<Option<T>, T> {
    /// The types are the same, except for null.
    pub const SAME_OR_NULL: bool = true;
}

impl<From: AssignableTo<To>, To> TypedEdge<From, To> {
    /// The type is [`AssignableTo`] the other.
    pub const ASSIGNABLE: bool = true;
}

impl<From: AssignableTo<To>, To> TypedEdge<Option<From>, To> {
    /// The type is [`AssignableTo`] the other, except for null.
    pub const ASSIGNABLE_OR_NULL: bool = true;
}

impl<From> TypedEdge<From, Value> {
    /// The slot takes any value.
    pub const TO_ANY: bool = true;
}

impl<To> TypedEdge<Value, To> {
    /// The signal carries any value.
    pub const FROM_ANY: bool = true;
}

/// Constants of a [`TypedEdge`] between types that do not fit.
pub trait EdgeFallback {
    /// The types are not the same.
    const SAME: bool = false;
    /// The types are not the same, even except for null.
    const SAME_OR_NULL: bool = false;
    /// The type is not assignable.
    const ASSIGNABLE: bool = false;
    /// The type is not assignable, even except for null.
    const ASSIGNABLE_OR_NULL: bool = false;
    /// The slot takes values of a type.
    const TO_ANY: bool = false;
    /// The signal carries values of a type.
    const FROM_ANY: bool = false;
}

impl<From, To> EdgeFallback for TypedEdge<From, To> {}

/// Implements the trait for all pairs of a type in the first list and one in the second.
macro_rules! assignable {
    ($($from:ty),+ => $to:tt) => {$(assignable!(@one $from => $to);)+};
    (@one $from:ty => [$($to:ty),+]) => {$(impl AssignableTo<$to> for $from {})+};
}

assignable!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
    => [i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64]);
assignable!(f32, f64 => [f32, f64]);
assignable!(String, Box<str>, PathBuf, char => [String, Box<str>, PathBuf, Bytes]);
assignable!(bool => [bool]);
assignable!(String, Box<str> => [char]);
assignable!(char => [char]);
assignable!(() => [()]);
assignable!(Bytes => [Bytes, String]);
assignable!(Value => [Value]);
assignable!(Vec<u8> => [Bytes]);

// Packed numbers as tensors, and tensors as lists.
macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl AssignableTo<Tensor> for Vec<$number> {}
        impl AssignableTo<Vec<$number>> for Tensor {}
    )*};
}

numbers!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);

#[cfg(feature = "ndarray")]
mod arrays {
    use ndarray::{Array, Array1, Dimension};

    use super::AssignableTo;
    use crate::graph::{Number, Tensor};

    impl<A: Number, D: Dimension> AssignableTo<Tensor> for Array<A, D> {}
    impl<A: Number, D: Dimension> AssignableTo<Array<A, D>> for Tensor {}
    impl<A: Number> AssignableTo<Vec<A>> for Array1<A> {}
    impl<A: Number> AssignableTo<Array1<A>> for Vec<A> {}
}

// The types of the node library.
#[cfg(feature = "std-nodes")]
mod library {
    use super::AssignableTo;
    use crate::nodes::numbers::Number;
    use crate::nodes::text::Text;

    assignable!(i8, i16, i32, i64, u8, u16, u32, u64, isize, usize, f32, f64, Number => [Number]);
    assignable!(Number => [i8, i16, i32, i64, u8, u16, u32, u64, isize, usize, f32, f64]);
    assignable!(String, Vec<String>, Text => [Text]);
    assignable!(Text => [String, Vec<String>]);
}

macro_rules! lists {
    ($($from:ident),+ => $to:tt) => {$(lists!(@one $from => $to);)+};
    (@one $from:ident => [$($to:ident),+]) => {$(
        impl<From: AssignableTo<To>, To> AssignableTo<$to<To>> for $from<From> {}
    )+};
}

lists!(Vec, VecDeque, BTreeSet, HashSet, IndexSet => [Vec, VecDeque, BTreeSet, HashSet, IndexSet]);

impl<To> AssignableTo<Vec<To>> for Bytes where u8: AssignableTo<To> {}
impl<From: AssignableTo<To>, To, const N: usize> AssignableTo<Vec<To>> for [From; N] {}
impl<From: AssignableTo<To>, To, const N: usize> AssignableTo<[To; N]> for Vec<From> {}
impl<From: AssignableTo<To>, To> AssignableTo<Option<To>> for Option<From> {}

macro_rules! mappings {
    ($($from:ident),+ => $to:tt) => {$(mappings!(@one $from => $to);)+};
    (@one $from:ident => [$($to:ident),+]) => {$(
        impl<Key, Other, From, To> AssignableTo<$to<Other, To>> for $from<Key, From>
        where
            Key: AssignableTo<Other>,
            From: AssignableTo<To>,
        {
        }
    )+};
}

mappings!(BTreeMap, HashMap, IndexMap => [BTreeMap, HashMap, IndexMap]);

/// Implements [`HasItems`]: generic parameters in brackets, a type, and its items.
macro_rules! items {
    ($([$($parameter:tt)*] $list:ty => $item:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<At, $($parameter)*> HasItems<At> for $list {
            type Item = $item;
        }
    )*};
}

// A `map` takes the keys of a mapping, and the characters of a text.
items! {
    [T] Vec<T> => T;
    [T] VecDeque<T> => T;
    [T] BTreeSet<T> => T;
    [T, S] HashSet<T, S> => T;
    [T, S] IndexSet<T, S> => T;
    [T, const N: usize] [T; N] => T;
    [K, T] BTreeMap<K, T> => String;
    [K, T, S] HashMap<K, T, S> => String;
    [K, T, S] IndexMap<K, T, S> => String;
    [] String => Self;
    [] Bytes => u8;
    [] Value => Self;
    [T: HasItems<At>] Option<T> => T::Item;
}

//! Which types go into which slots, as far as types alone can tell.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::path::PathBuf;

use indexmap::{IndexMap, IndexSet};

use crate::graph::{Bytes, Value};

/// Values of this type go into slots of type `Slot`: what serde makes of the one, it reads as the other.
///
/// `tube!` accepts an edge between two types if they are the same, if one of them is [`Value`], or if this is implemented.
/// It is for numbers of all sizes, texts and paths, and lists and mappings of these. Implement it for a type of your own that serde
/// reads from another:
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

/// What a `map` takes apart: its items. `At` stands for the place of the map in the tube file, for the text of an error.
#[diagnostic::on_unimplemented(
    message = "`{At}`: a `map` takes a list apart, and `{Self}` is none that is known",
    label = "this tube feeds a `{Self}` to a `map`",
    note = "lists, sets, mappings, texts and bytes have items; for a type of your own, implement `noob_zmq::typed::HasItems`"
)]
pub trait HasItems<At> {
    /// What one of them is.
    type Item;
}

/// An edge between two types, for asking whether they go together: its constants are true where something is known of the pair, and
/// those of [`EdgeFallback`] stand in where nothing is.
pub struct TypedEdge<From, To>(PhantomData<(From, To)>);

impl<T> TypedEdge<T, T> {
    /// One type on both ends.
    pub const SAME: bool = true;
}

impl<T> TypedEdge<Option<T>, T> {
    /// The same, where it is not null.
    pub const SAME_OR_NULL: bool = true;
}

impl<From: AssignableTo<To>, To> TypedEdge<From, To> {
    /// Said to go together.
    pub const ASSIGNABLE: bool = true;
}

impl<From: AssignableTo<To>, To> TypedEdge<Option<From>, To> {
    /// Said to go together, where it is not null.
    pub const ASSIGNABLE_OR_NULL: bool = true;
}

impl<From> TypedEdge<From, Value> {
    /// Takes anything.
    pub const TO_ANY: bool = true;
}

impl<To> TypedEdge<Value, To> {
    /// May be anything.
    pub const FROM_ANY: bool = true;
}

/// What is so where nothing is known of an [`TypedEdge`].
pub trait EdgeFallback {
    /// Not known to be one type.
    const SAME: bool = false;
    /// Not known to be one type.
    const SAME_OR_NULL: bool = false;
    /// Not said to go together.
    const ASSIGNABLE: bool = false;
    /// Not said to go together.
    const ASSIGNABLE_OR_NULL: bool = false;
    /// Does not take anything.
    const TO_ANY: bool = false;
    /// Cannot be anything.
    const FROM_ANY: bool = false;
}

impl<From, To> EdgeFallback for TypedEdge<From, To> {}

/// All pairs of the types in the first list and those in the second.
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

impl<From: AssignableTo<To>, To, const N: usize> AssignableTo<Vec<To>> for [From; N] {}
impl<From: AssignableTo<To>, To, const N: usize> AssignableTo<[To; N]> for Vec<From> {}
impl<From: AssignableTo<To>, To> AssignableTo<Option<To>> for Option<From> {}

macro_rules! mappings {
    ($($from:ident),+ => $to:tt) => {$(mappings!(@one $from => $to);)+};
    (@one $from:ident => [$($to:ident),+]) => {$(
        impl<Key: AssignableTo<Other>, Other, From: AssignableTo<To>, To> AssignableTo<$to<Other, To>> for $from<Key, From> {}
    )+};
}

mappings!(BTreeMap, HashMap, IndexMap => [BTreeMap, HashMap, IndexMap]);

macro_rules! items {
    ($($list:ident<T $(, $other:ident)?>),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, At $(, $other)?> HasItems<At> for $list<T $(, $other)?> {
            type Item = T;
        }
    )+};
}

items!(Vec<T>, VecDeque<T>, BTreeSet<T>, HashSet<T, S>, IndexSet<T, S>);

#[diagnostic::do_not_recommend]
impl<T, At, const N: usize> HasItems<At> for [T; N] {
    type Item = T;
}

// A map of a mapping gives its keys, one of a text its characters.
macro_rules! texts {
    ($($mapping:ident<K, T $(, $other:ident)?>),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<K, T, At $(, $other)?> HasItems<At> for $mapping<K, T $(, $other)?> {
            type Item = String;
        }
    )+};
}

texts!(BTreeMap<K, T>, HashMap<K, T, S>, IndexMap<K, T, S>);

#[diagnostic::do_not_recommend]
impl<At> HasItems<At> for String {
    type Item = Self;
}

#[diagnostic::do_not_recommend]
impl<At> HasItems<At> for Bytes {
    type Item = u8;
}

#[diagnostic::do_not_recommend]
impl<At> HasItems<At> for Value {
    type Item = Self;
}

#[diagnostic::do_not_recommend]
impl<T: HasItems<At>, At> HasItems<At> for Option<T> {
    type Item = T::Item;
}

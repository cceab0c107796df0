//! The dynamic value that travels between nodes.

use std::sync::Arc;

pub use bytes::Bytes;
use indexmap::IndexMap;

/// A name of a node, signal or slot: cheap to clone.
pub type Name = Arc<str>;

/// String keys to values, in the order they were put in.
pub type Map = IndexMap<String, Value>;

/// A value between two nodes. Cloning one never copies its contents.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Value {
    /// Nothing, as a value (an absent value is [`Emit::Nothing`]).
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer that fits into 64 bits with sign.
    Int(i64),
    /// An integer above [`i64::MAX`].
    UInt(u64),
    /// An integer beyond 64 bits, as decimal digits with an optional minus sign (Python's are of any size).
    BigInt(Arc<str>),
    /// A floating-point number; NaN and infinities included.
    Float(f64),
    /// A text.
    Str(Arc<str>),
    /// A sequence.
    List(Arc<Vec<Value>>),
    /// A mapping.
    Map(Arc<Map>),
    /// Raw bytes.
    Bytes(Bytes),
    /// A dense array.
    Tensor(Tensor),
    /// A Python pickle, as noob puts it on the wire (`pck__` and base64): carried, compared, and never opened.
    Pickle(Arc<str>),
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

/// What a node says on one signal in one epoch.
#[derive(Debug, Clone, PartialEq)]
pub enum Emit<T = Value> {
    /// A value.
    Value(T),
    /// Nothing happened on this signal in this epoch (`NoEvent` in noob).
    Nothing,
    /// Nothing happened, and nothing ever will again: the source has ended.
    Exhausted,
}

//! YAML text as a small tree in which every value knows its place.

mod indentation;
mod parse;
mod scalar;

use indexmap::IndexMap;

pub use parse::read;
pub use scalar::plain as plain_scalar;

use super::{Name, Place};

/// A value of a text.
#[derive(Debug, Clone)]
pub struct Yaml {
    /// Place of the value; of no length if nothing is written.
    pub place: Place,
    /// Content of the value.
    pub data: Data,
}

/// Content of a value.
#[derive(Debug, Clone)]
pub enum Data {
    /// A scalar: its meaning, and the text as written.
    Scalar(Scalar, Name),
    /// A list.
    List(Vec<Yaml>),
    /// A mapping.
    Map(Mapping),
}

/// Meaning of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// Null, or nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above those of [`Int`](Self::Int).
    UInt(u64),
    /// Digits of a whole number that fits neither.
    BigInt(Name),
    /// A number with a fraction.
    Float(f64),
    /// A text.
    Str(Name),
}

/// A mapping, in the order of the text.
pub type Mapping = IndexMap<Name, Pair>;

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Place of the key.
    pub key: Place,
    /// Meaning of the key: a text, unless it is written `1: ..` or `true: ..`.
    pub key_value: Scalar,
    /// The value.
    pub value: Yaml,
}

impl Pair {
    /// Returns the place of the value, or that of the key if nothing is written behind it.
    #[must_use]
    pub fn value_place(&self) -> Place {
        if self.value.place.len == 0 {
            self.key
        } else {
            self.value.place
        }
    }
}

impl Yaml {
    pub(super) const fn new(place: Place, data: Data) -> Self {
        Self { place, data }
    }

    /// Whether the value is null, or nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Scalar(Scalar::Null, _))
    }

    /// Returns the text, if the value is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&Name> {
        match &self.data {
            Data::Scalar(Scalar::Str(_), text) => Some(text),
            _ => None,
        }
    }

    /// Returns the mapping, if the value is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Mapping> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Describes the value for messages: "a list", "the number `3`".
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.data {
            Data::Scalar(Scalar::Null, _) => "nothing".into(),
            Data::Scalar(Scalar::Bool(_), text) => format!("the truth value `{text}`"),
            Data::Scalar(Scalar::Str(_), text) => format!("the text `{}`", shorten(text)),
            Data::Scalar(_, text) => format!("the number `{text}`"),
            Data::List(_) => "a list".into(),
            Data::Map(_) => "a mapping".into(),
        }
    }

    /// Returns the number of values in it, and the depth to which they nest.
    fn measure(&self) -> (usize, usize) {
        let sum = |(count, depth): (usize, usize), child: &Self| {
            let (more, deep) = child.measure();
            (count + more, depth.max(deep + 1))
        };
        match &self.data {
            Data::Scalar(..) => (1, 0),
            Data::List(items) => items.iter().fold((1, 1), sum),
            Data::Map(pairs) => pairs.values().map(|pair| &pair.value).fold((1, 1), sum),
        }
    }
}

/// Shortens a text to what may stand in a message.
#[must_use]
pub fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > 60 || line.len() < text.trim_end().len() {
        line.chars().take(57).chain("...".chars()).collect()
    } else {
        line.to_owned()
    }
}

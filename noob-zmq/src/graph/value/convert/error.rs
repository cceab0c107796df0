//! Why a conversion failed, and where inside the value.

use std::fmt::{self, Display};

use serde::{
    de::{self, Expected, Unexpected},
    ser,
};

use noob_zmq_spec::suggest::nearest;

use crate::graph::Value;

/// A value does not have the shape that a type asks for, or a type cannot become a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", .0.message, Place(&.0.path))]
pub struct ValueError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    message: String,
    /// Innermost first.
    path: Vec<Step>,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl ValueError {
    /// An error at the place where it is made.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            message: message.into(),
            path: Vec::new(),
        }))
    }

    /// `value` is not what was expected.
    pub(crate) fn expected(expected: &dyn Expected, value: &Value) -> Self {
        Self::new(format!("expected {expected}, found {}", Found(value)))
    }

    /// The same, seen from the map that has it at `key`.
    pub(crate) fn under(mut self, key: &str) -> Self {
        self.0.path.push(Step::Key(key.to_owned()));
        self
    }

    /// The same, seen from the list that has it at `index`.
    pub(crate) fn item(mut self, index: usize) -> Self {
        self.0.path.push(Step::Index(index));
        self
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where inside the value, as in `.items[3].name`; empty for the value itself.
    #[must_use]
    pub fn path(&self) -> String {
        Steps(&self.0.path).to_string()
    }
}

fn plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|character| character.is_alphanumeric() || character == '_')
}

/// `.items[3].name`.
struct Steps<'a>(&'a [Step]);

impl Display for Steps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().rev().try_for_each(|step| match step {
            Step::Key(key) if plain(key) => write!(f, ".{key}"),
            Step::Key(key) => write!(f, "[{key:?}]"),
            Step::Index(index) => write!(f, "[{index}]"),
        })
    }
}

/// `, at ..`, or nothing for the value itself.
struct Place<'a>(&'a [Step]);

impl Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, ", at `{}`", Steps(self.0))
        }
    }
}

/// A value as a message names it: its kind, and the value itself when that is short.
pub(crate) struct Found<'a>(pub(crate) &'a Value);

impl Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::List(items) => write!(f, "a list of {}", items.len()),
            Value::Map(map) => write!(f, "a map of {}", map.len()),
            Value::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Value::Tensor(tensor) => write!(
                f,
                "a tensor of `{}`, shape {:?}",
                tensor.dtype, tensor.shape
            ),
            Value::Str(text) => string(f, text),
            Value::BigInt(digits) => {
                write!(f, "the integer `{digits:.60}`, which is beyond 64 bits")
            }
            other => write!(f, "the {} `{other}`", other.type_name()),
        }
    }
}

fn string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    const SHOWN: usize = 40;
    if text.chars().count() <= SHOWN {
        return write!(f, "the string `{text:?}`");
    }
    let start: String = text.chars().take(SHOWN).collect();
    write!(
        f,
        "a string of {} bytes that begins `{start:?}`",
        text.len()
    )
}

/// What serde's own code met.
struct Met<'a>(Unexpected<'a>);

impl Display for Met<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => write!(f, "the bool `{value}`"),
            Unexpected::Unsigned(value) => write!(f, "the integer `{value}`"),
            Unexpected::Signed(value) => write!(f, "the integer `{value}`"),
            Unexpected::Float(value) => write!(f, "the float `{value:?}`"),
            Unexpected::Str(text) => string(f, text),
            Unexpected::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Unexpected::Unit | Unexpected::Option => f.write_str("null"),
            Unexpected::Seq => f.write_str("a list"),
            Unexpected::Map => f.write_str("a map"),
            other => write!(f, "{other}"),
        }
    }
}

/// "did you mean", or every name there is.
fn known(wrong: &str, names: &[&str]) -> String {
    match (nearest(wrong, names), names) {
        (Some(name), _) => format!("; did you mean `{name}`?"),
        (None, []) => "; none is known here".to_owned(),
        (None, names) => format!("; known are `{}`", names.join("`, `")),
    }
}

impl ser::Error for ValueError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

impl de::Error for ValueError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(met: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", Met(met)))
    }

    fn invalid_value(met: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", Met(met)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {length} items"))
    }

    fn unknown_variant(variant: &str, names: &'static [&'static str]) -> Self {
        Self::new(format!(
            "unknown variant `{variant}`{}",
            known(variant, names)
        ))
    }

    fn unknown_field(field: &str, names: &'static [&'static str]) -> Self {
        Self::new(format!("unknown field `{field}`{}", known(field, names)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("field `{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("field `{field}` is given twice"))
    }
}

//! Why a conversion failed, and where inside the value.

use std::fmt::{self, Display};

use serde::{
    de::{self, Expected, Unexpected},
    ser,
};

use noob_zmq_spec::suggest::nearest;

use crate::graph::Value;

/// A value that does not have the shape of a type, or a type that cannot be converted to a value.
#[derive(Clone, PartialEq, Eq)]
pub struct ValueError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    message: String,
    /// As in `.items[3].name`, relative to the outermost value that was left so far.
    path: String,
}

impl ValueError {
    /// Creates an error with an empty path.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            message: message.into(),
            path: String::new(),
        }))
    }

    /// Creates the error for a `value` that is not what was expected.
    pub(crate) fn expected(expected: &dyn Expected, value: &Value) -> Self {
        Self::new(format!("expected {expected}, found {}", found(value)))
    }

    /// Puts a map key before the path.
    pub(crate) fn under(self, key: &str) -> Self {
        let is_word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_word {
            self.below(&format!(".{key}"))
        } else {
            self.below(&format!("[{key:?}]"))
        }
    }

    /// Puts a list index before the path.
    pub(crate) fn item(self, index: usize) -> Self {
        self.below(&format!("[{index}]"))
    }

    fn below(mut self, step: &str) -> Self {
        self.0.path.insert_str(0, step);
        self
    }

    /// Returns the message, without the path.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the path of the wrong part, as in `.items[3].name`; empty for the value itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }
}

impl Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &*self.0.path {
            "" => Ok(()),
            path => write!(f, ", at `{path}`"),
        }
    }
}

impl std::error::Error for ValueError {}

/// Describes a value for a message: its kind, and the value itself when that is short.
pub(crate) fn found(value: &Value) -> impl Display {
    fmt::from_fn(move |f| match value {
        Value::Null => f.write_str("null"),
        Value::List(items) => write!(f, "a list of {}", items.len()),
        Value::Map(map) => write!(f, "a map of {}", map.len()),
        Value::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
        Value::Tensor(tensor) => write!(
            f,
            "a tensor of `{}`, shape {:?}",
            tensor.dtype, tensor.shape
        ),
        Value::Opaque(opaque) => write!(
            f,
            "an object of kind `{}`, which only a program that knows the kind can open",
            opaque.kind
        ),
        Value::Str(text) => string(f, text),
        Value::BigInt(digits) => {
            write!(f, "the integer `{digits:.60}`, which is beyond 64 bits")
        }
        other => write!(f, "the {} `{other}`", other.type_name()),
    })
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

/// Describes the input of an error that serde itself reports.
fn met(input: Unexpected<'_>) -> impl Display {
    fmt::from_fn(move |f| match input {
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
    })
}

/// Returns a suggestion: the nearest name, or all names.
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

    fn invalid_type(input: Unexpected<'_>, expected: &dyn Expected) -> Self {
        if input == Unexpected::UnitVariant {
            return Self::new(format!(
                "expected the content of a {expected}: a map whose one key is the variant"
            ));
        }
        Self::new(format!("expected {expected}, found {}", met(input)))
    }

    fn invalid_value(input: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(input, expected)
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

crate::error_report::debug_as_report!(ValueError);

//! Description of the arguments and signals of a node type: names, types, defaults.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::declare::setters;
use crate::graph::{TypeShape, Value};

/// An argument of a node: something that `params:` sets, `depends:` feeds, or both.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// Its type as written; for an `Option<T>` the `T`.
    pub type_name: &'static str,
    /// Whether the node runs without it when nothing happened on the signal that feeds it
    /// (an `Option<T>` argument).
    pub optional: bool,
    /// The default as written, if there is one.
    pub default: Option<&'static str>,
    pub(super) shape: ShapeOf,
    pub(super) check: Check,
}

/// Source of the shape of the values of a type.
#[derive(Debug, Clone, Copy)]
pub(super) enum ShapeOf {
    Function(fn() -> TypeShape),
    Known(&'static TypeShape),
}

impl ShapeOf {
    fn get(self) -> TypeShape {
        match self {
            Self::Function(shape) => shape(),
            Self::Known(shape) => shape.clone(),
        }
    }
}

/// Function that checks values of a type that is made at run time.
pub(super) type CheckValue = dyn Fn(&Value) -> Result<(), String> + Send + Sync;

/// Check of the values of an argument.
#[derive(Clone, Copy)]
pub(super) enum Check {
    Function(fn(&Value) -> Result<(), String>),
    Closure(&'static CheckValue),
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

impl Argument {
    /// Creates an argument of a type that is written `type_name`; `check` accepts its values
    /// ([`FromArgument::CHECK`](super::FromArgument::CHECK)).
    #[must_use]
    pub const fn checked(
        name: &'static str,
        type_name: &'static str,
        check: fn(&Value) -> Result<(), String>,
    ) -> Self {
        Self {
            name,
            type_name,
            optional: false,
            default: None,
            shape: ShapeOf::Function(unknown),
            check: Check::Function(check),
        }
    }

    setters! {
        /// Sets the shape of the values of its type.
        shape(shape: fn() -> TypeShape) => shape = ShapeOf::Function(shape);
        /// May be left out; the call gets `None`.
        optional() => optional = true;
        /// May be left out; the call gets the default, which is written `default`.
        default(default: &'static str) => default = Some(default);
    }

    /// Whether it must be given, by `depends` or by `params`.
    #[must_use]
    pub const fn required(&self) -> bool {
        !self.optional && self.default.is_none()
    }

    /// Returns the shape of the values of its type.
    #[must_use]
    pub fn type_shape(&self) -> TypeShape {
        self.shape.get()
    }

    /// Checks whether `value` can be converted to this argument.
    ///
    /// # Errors
    /// The expected type, and the value.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        if self.optional && *value == Value::Null {
            return Ok(());
        }
        let checked = match self.check {
            Check::Function(check) => check(value),
            Check::Closure(check) => check(value),
        };
        checked
            .map_err(|cause| format!("takes `{}`, not {}: {cause}", self.type_name, shown(value)))
    }
}

const fn unknown() -> TypeShape {
    TypeShape::Unknown
}

/// Returns a value as text, short enough for one line of an error.
pub(super) fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = serde_json::to_string(value).unwrap_or_else(|_| format!("{value:?}"));
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("`{start}…` ({} bytes)", text.len())
}

/// A signal that a node emits.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Signal {
    /// Its name.
    pub name: &'static str,
    /// Its type as written.
    pub type_name: &'static str,
    pub(super) shape: ShapeOf,
}

impl Signal {
    /// A signal of type `T`, which is written `type_name`.
    #[must_use]
    pub const fn new(name: &'static str, type_name: &'static str) -> Self {
        Self {
            name,
            type_name,
            shape: ShapeOf::Function(unknown),
        }
    }

    setters! {
        /// Sets the shape of the values of its type.
        shape(shape: fn() -> TypeShape) => shape = ShapeOf::Function(shape);
    }

    /// Returns the shape of the values of its type.
    #[must_use]
    pub fn type_shape(&self) -> TypeShape {
        self.shape.get()
    }
}

/// The signals of a node: those that its result names itself (`Output::SIGNALS`), or else `one`.
#[must_use]
pub const fn signals(own: Option<&'static [Signal]>, one: &'static [Signal]) -> &'static [Signal] {
    match own {
        Some(several) => several,
        None => one,
    }
}

/// Refuses a name for the signal of a node whose result names its signals itself.
///
/// # Panics
/// In the compiler, if it does: if there are signals of its `own`.
#[track_caller]
pub const fn one_signal(own: Option<&'static [Signal]>) {
    assert!(
        own.is_none(),
        "this node returns a struct of signals, which have the names of its fields: remove \
         `signal = ..` from `#[node(..)]`"
    );
}

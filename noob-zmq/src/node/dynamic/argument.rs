//! Arguments of types that are made at run time.

use std::fmt;

use super::leaked;
use crate::graph::{TypeShape, Value};
use crate::node::Argument;
use crate::node::argument::{Check, CheckValue, ShapeOf};

/// An argument of a type that is made at run time.
///
/// Without further calls it must be given, and takes every value.
pub struct DynamicArgument {
    name: String,
    type_name: String,
    optional: bool,
    default: Option<String>,
    shape: TypeShape,
    check: Box<CheckValue>,
}

impl DynamicArgument {
    /// Returns the argument of this name, whose type is written `type_name`.
    #[must_use]
    pub fn new(name: impl Into<String>, type_name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            type_name: type_name.into(),
            optional: false,
            default: None,
            shape: TypeShape::Unknown,
            check: Box::new(|_| Ok(())),
        }
    }

    /// Sets the shape of the values of its type.
    #[must_use]
    pub fn shape(mut self, shape: TypeShape) -> Self {
        self.shape = shape;
        self
    }

    /// Lets the node run without it when nothing happened on the signal that feeds it.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Sets the default as it is written, for messages; the node itself puts it in.
    #[must_use]
    pub fn default(mut self, default: impl Into<String>) -> Self {
        self.default = Some(default.into());
        self
    }

    /// Sets the check of values in `params`; the text of its error follows "takes `T`, not `V`: ".
    #[must_use]
    pub fn check(
        mut self,
        check: impl Fn(&Value) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.check = Box::new(check);
        self
    }

    /// Returns the argument with parts that live as long as the program.
    pub(super) fn leak(self) -> Argument {
        Argument {
            name: leaked(self.name),
            type_name: leaked(self.type_name),
            optional: self.optional,
            default: self.default.map(leaked),
            shape: ShapeOf::Known(Box::leak(Box::new(self.shape))),
            check: Check::Closure(Box::leak(self.check)),
        }
    }
}

impl fmt::Debug for DynamicArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicArgument")
            .field("name", &self.name)
            .field("type_name", &self.type_name)
            .finish_non_exhaustive()
    }
}

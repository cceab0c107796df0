//! Conversion of a value to the type of an argument, and arguments of such types.

use serde::de::DeserializeOwned;

use crate::graph::{Value, ValueError, dense, from_value};
use crate::node::{Argument, ArgumentValue, NodeError, RemainingSlots};

/// Types of the arguments of a node: every type that serde can deserialize and that owns its data.
///
/// `#[node]` calls the methods by the trait, which has no bounds itself: for a type that is not
/// accepted, rustc then quotes the type alone, and no bound of this library.
#[diagnostic::on_unimplemented(
    message = "a node cannot take a `{Self}`",
    label = "cannot be made from a value of a tube",
    note = "the arguments of a node are deserialised: derive `serde::Deserialize` for `{Self}`"
)]
pub trait FromArgument: Sized {
    /// Checks whether a value can be converted; the error explains why not.
    const CHECK: fn(&Value) -> Result<(), String>;

    /// Converts a value.
    ///
    /// # Errors
    /// The value has another type.
    fn from_value(value: &Value) -> Result<Self, ValueError>;

    /// See [`ArgumentValue::required`].
    ///
    /// # Errors
    /// Those of [`ArgumentValue::required`].
    fn required(argument: ArgumentValue<'_>) -> Result<Self, NodeError> {
        argument.required()
    }

    /// See [`ArgumentValue::or`].
    ///
    /// # Errors
    /// Those of [`ArgumentValue::or`].
    fn or(argument: ArgumentValue<'_>, default: impl FnOnce() -> Self) -> Result<Self, NodeError> {
        argument.or(default)
    }

    /// See [`ArgumentValue::optional`].
    ///
    /// # Errors
    /// Those of [`ArgumentValue::optional`].
    fn optional(argument: ArgumentValue<'_>) -> Result<Option<Self>, NodeError> {
        argument.optional()
    }

    /// Converts the state that a `#[restore]` method takes.
    ///
    /// # Errors
    /// The state has another type.
    fn from_snapshot(state: &Value) -> Result<Self, NodeError> {
        Self::from_value(state).map_err(|error| {
            NodeError::from(error).context("the state is not what `#[restore]` takes")
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + 'static> FromArgument for T {
    const CHECK: fn(&Value) -> Result<(), String> =
        |value| match <Self as FromArgument>::from_value(value) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        };

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        dense::unpack(value).unwrap_or_else(|| from_value(value))
    }
}

impl Argument {
    /// An argument of type `T`, which is written `type_name`.
    #[must_use]
    pub const fn new<T: FromArgument>(name: &'static str, type_name: &'static str) -> Self {
        Self::checked(name, type_name, T::CHECK)
    }

    /// Creates the argument for all slots that no other argument names: a mapping to values of a
    /// type that is written `type_name`.
    #[must_use]
    pub const fn rest<R: RemainingSlots<Item: FromArgument>>(
        name: &'static str,
        type_name: &'static str,
    ) -> Self {
        Self::new::<R::Item>(name, type_name).optional()
    }
}

//! Conversion of a value to the type of an argument.

use serde::de::DeserializeOwned;

use crate::graph::{Value, ValueError, from_value};
use crate::node::{Call, NodeError, Params};

/// What an argument of a node can be: anything that serde can deserialise and that owns what it holds.
#[diagnostic::on_unimplemented(
    message = "a node cannot take a `{Self}`",
    label = "cannot be made from a value of a tube",
    note = "the arguments of a node are deserialised: derive `serde::Deserialize` for `{Self}`"
)]
pub trait FromArgument: Sized {
    /// Whether a value can be made one, and why not.
    const CHECK: fn(&Value) -> Result<(), String>;

    /// One made of a value.
    ///
    /// # Errors
    /// The value is something else.
    fn from_value(value: &Value) -> Result<Self, ValueError>;

    /// See [`Call::slot`].
    ///
    /// # Errors
    /// Those of [`Call::slot`].
    fn slot(call: &Call<'_>, index: usize) -> Result<Self, NodeError>;

    /// See [`Call::slot_or`].
    ///
    /// # Errors
    /// Those of [`Call::slot_or`].
    fn slot_or(
        call: &Call<'_>,
        index: usize,
        default: impl FnOnce() -> Self,
    ) -> Result<Self, NodeError>;

    /// See [`Call::slot_optional`].
    ///
    /// # Errors
    /// Those of [`Call::slot_optional`].
    fn slot_optional(call: &Call<'_>, index: usize) -> Result<Option<Self>, NodeError>;

    /// See [`Params::param`].
    ///
    /// # Errors
    /// Those of [`Params::param`].
    fn param(params: &Params<'_>, index: usize) -> Result<Self, NodeError>;

    /// See [`Params::param_or`].
    ///
    /// # Errors
    /// Those of [`Params::param_or`].
    fn param_or(
        params: &Params<'_>,
        index: usize,
        default: impl FnOnce() -> Self,
    ) -> Result<Self, NodeError>;

    /// See [`Params::param_optional`].
    ///
    /// # Errors
    /// Those of [`Params::param_optional`].
    fn param_optional(params: &Params<'_>, index: usize) -> Result<Option<Self>, NodeError>;

    /// What a `#[restore]` method takes, out of a value.
    ///
    /// # Errors
    /// It is of another type.
    fn from_snapshot(state: &Value) -> Result<Self, NodeError>;
}

// `#[node]` calls these by the trait, which has no bounds itself: so there is none for the compiler to quote.
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromArgument for T {
    const CHECK: fn(&Value) -> Result<(), String> = |value| match from_value::<T>(value) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    };

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        from_value(value)
    }

    fn slot(call: &Call<'_>, index: usize) -> Result<Self, NodeError> {
        call.slot(index)
    }

    fn slot_or(
        call: &Call<'_>,
        index: usize,
        default: impl FnOnce() -> Self,
    ) -> Result<Self, NodeError> {
        call.slot_or(index, default)
    }

    fn slot_optional(call: &Call<'_>, index: usize) -> Result<Option<Self>, NodeError> {
        call.slot_optional(index)
    }

    fn param(params: &Params<'_>, index: usize) -> Result<Self, NodeError> {
        params.param(index)
    }

    fn param_or(
        params: &Params<'_>,
        index: usize,
        default: impl FnOnce() -> Self,
    ) -> Result<Self, NodeError> {
        params.param_or(index, default)
    }

    fn param_optional(params: &Params<'_>, index: usize) -> Result<Option<Self>, NodeError> {
        params.param_optional(index)
    }

    fn from_snapshot(state: &Value) -> Result<Self, NodeError> {
        from_value(state).map_err(|error| {
            NodeError::from(error).context("the state is not what `#[restore]` takes")
        })
    }
}

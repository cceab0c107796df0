//! Conversions between a typed tube and its runner: inputs to values, and values to results.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::graph::Source;
use crate::graph::spec::Library;
use crate::graph::{Map, Tube, Value, ValueError, from_value, to_value};
use crate::runner::{RunError, RunErrorKind, Runner, SyncRunner, TaskRunner, ZmqRunner};
use crate::tube::{self, LoadError, LoadErrorKind};

/// A runner that can be made of a tube alone.
pub trait FromTube: Runner + Sized {
    /// Creates a runner of a tube, without starting anything.
    ///
    /// # Errors
    /// A node that cannot be made, if the runner makes its nodes at once.
    fn from_tube(tube: Tube) -> Result<Self, RunError>;
}

impl FromTube for SyncRunner {
    fn from_tube(tube: Tube) -> Result<Self, RunError> {
        Self::new(tube)
    }
}

impl FromTube for TaskRunner {
    fn from_tube(tube: Tube) -> Result<Self, RunError> {
        Self::new(tube)
    }
}

impl FromTube for ZmqRunner {
    fn from_tube(tube: Tube) -> Result<Self, RunError> {
        Ok(Self::new(tube))
    }
}

/// Error of a tube that the compiler has checked.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TypedError {
    /// A mistake that only shows when the tube is loaded, such as a value of `params`.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The run failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// An input cannot be converted to a value.
    #[error("input `{input}` of the tube `{tube}` cannot be made a value: {error}")]
    Input {
        /// The tube.
        tube: &'static str,
        /// The input.
        input: &'static str,
        /// The reason.
        error: ValueError,
    },
    /// The result is not of the type that feeds the return node.
    #[error("the tube `{tube}` returned {found}, which is no `{expected}`: {error}")]
    Returned {
        /// The tube.
        tube: &'static str,
        /// The type that feeds the return node.
        expected: &'static str,
        /// The result.
        found: String,
        /// The reason.
        error: ValueError,
    },
}

/// Kind of a [`TypedError`], for a program that decides what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TypedErrorKind {
    /// The tube cannot be loaded.
    Load(LoadErrorKind),
    /// The run failed.
    Run(RunErrorKind),
    /// An input or a result has another type than the compiler was told.
    Conversion,
}

impl TypedError {
    /// Returns the kind of the error.
    #[must_use]
    pub const fn kind(&self) -> TypedErrorKind {
        match self {
            Self::Load(error) => TypedErrorKind::Load(error.kind()),
            Self::Run(error) => TypedErrorKind::Run(error.kind()),
            Self::Input { .. } | Self::Returned { .. } => TypedErrorKind::Conversion,
        }
    }
}

/// Makes a tube of its text.
///
/// `others` are tubes that it mentions, each with the name that it uses, the file and the text.
/// Tubes that are not among these are found as [`tube::from_text`] finds them.
///
/// # Errors
/// All mistakes in the tube.
pub fn tube(
    name: &str,
    text: &str,
    others: &[(&str, &str, &str)],
    given: &Map,
) -> Result<Tube, LoadError> {
    let mut known = Library::default();
    for (called, file, text) in others {
        known.insert(*called, Source::new(*file, *text));
    }
    tube::from_texts(name, text, &known, given)
}

/// Adds an input to those that are given.
///
/// # Errors
/// The input cannot be converted to a value.
pub fn given<T: Serialize>(
    inputs: &mut Map,
    tube: &'static str,
    input: &'static str,
    value: &T,
) -> Result<(), TypedError> {
    let value = to_value(value).map_err(|error| TypedError::Input { tube, input, error })?;
    inputs.insert(input.to_owned(), value);
    Ok(())
}

/// Converts a result to its type.
///
/// # Errors
/// The result is of another type.
pub fn returned<T: DeserializeOwned>(tube: &'static str, value: &Value) -> Result<T, TypedError> {
    from_value(value).map_err(|error| TypedError::Returned {
        tube,
        expected: std::any::type_name::<T>(),
        found: value.to_string(),
        error,
    })
}

/// Converts the result of one name to its type; `None` if nothing was emitted there.
///
/// # Errors
/// The result is of another type.
pub fn gives<T: DeserializeOwned>(
    tube: &'static str,
    value: &Value,
    name: &str,
) -> Result<Option<T>, TypedError> {
    let value = value.as_map().and_then(|map| map.get(name));
    value.map(|value| returned(tube, value)).transpose()
}

crate::error_report::debug_as_report!(TypedError);

//! Inputs of a tube as callers give them, and their conversion into values.
//!
//! Owns no state: the check against the declared inputs of a tube is made where they are used, when
//! a tube is loaded or an epoch is opened.

use serde::Serialize;

use crate::graph::{Map, Name, Value, ValueError, to_value};

/// Values for the inputs of a tube, by name.
///
/// Implemented for
///
/// - `()`: no inputs;
/// - what [`inputs!`](crate::inputs!) makes, for a few inputs in place;
/// - a reference to any type that implements [`Serialize`] as a mapping, such as a struct whose
///   fields are the inputs: the types of the inputs then stand in one place of the program;
/// - an array of pairs of name and value, and a [`Map`].
///
/// ```
/// use noob_zmq::prelude::*;
///
/// #[derive(serde::Serialize)]
/// struct Order {
///     limit: u32,
/// }
///
/// let given = Order { limit: 3 }; // `&given`, and the line below, give the same input
/// assert_eq!((&given).into_inputs()?, inputs! { limit: 3 }.into_inputs()?);
/// assert!(().into_inputs()?.is_empty());
/// # Ok::<(), noob_zmq::InputError>(())
/// ```
pub trait IntoInputs {
    /// Returns the inputs by name.
    ///
    /// # Errors
    /// A value that cannot be converted, or a type that is not a mapping.
    fn into_inputs(self) -> Result<Map, InputError>;
}

impl IntoInputs for () {
    fn into_inputs(self) -> Result<Map, InputError> {
        Ok(Map::new())
    }
}

impl IntoInputs for Map {
    fn into_inputs(self) -> Result<Map, InputError> {
        Ok(self)
    }
}

impl<T: Serialize + ?Sized> IntoInputs for &T {
    fn into_inputs(self) -> Result<Map, InputError> {
        match to_value(self) {
            Ok(Value::Null) => Ok(Map::new()),
            Ok(Value::Map(map)) => Ok(Map::clone(&map)),
            Ok(other) => Err(InputError::NotAMapping {
                found: other.type_name(),
            }),
            Err(error) => Err(InputError::Convert { input: None, error }),
        }
    }
}

impl<K: AsRef<str>, V: Serialize, const N: usize> IntoInputs for [(K, V); N] {
    fn into_inputs(self) -> Result<Map, InputError> {
        let empty = TubeInputs::new();
        let inputs = self.iter().fold(empty, |inputs, (name, value)| {
            inputs.with(name.as_ref(), value)
        });
        inputs.into_inputs()
    }
}

/// Inputs of a tube that are collected one by one; [`inputs!`](crate::inputs!) writes the calls.
#[derive(Debug, Clone, Default)]
pub struct TubeInputs {
    values: Map,
    /// The first value that could not be converted.
    error: Option<InputError>,
}

impl TubeInputs {
    /// Returns a collection without inputs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an input.
    ///
    /// A value that cannot be converted is reported where the inputs are used.
    #[must_use]
    pub fn with<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        match to_value(value) {
            Ok(value) => drop(self.values.insert(name.to_owned(), value)),
            Err(error) => {
                let input = Some(name.to_owned());
                self.error
                    .get_or_insert(InputError::Convert { input, error });
            }
        }
        self
    }
}

impl IntoInputs for TubeInputs {
    fn into_inputs(self) -> Result<Map, InputError> {
        self.error.map_or(Ok(self.values), Err)
    }
}

/// Collects inputs of a tube: names, each with any value that serde can serialize.
///
/// ```
/// use noob_zmq::prelude::*;
///
/// let given = inputs! { path: "notes.txt", "limit": 3 };
/// assert_eq!(given.into_inputs()?.len(), 2);
/// # Ok::<(), noob_zmq::InputError>(())
/// ```
#[macro_export]
macro_rules! inputs {
    ($($name:tt : $value:expr),* $(,)?) => {
        $crate::TubeInputs::new()$(.with($crate::inputs!(@name $name), &$value))*
    };
    (@name $name:literal) => { $name };
    (@name $name:ident) => { ::core::stringify!($name) };
}

/// Reason why the inputs of a tube are not usable.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Inputs that must be given with each `process` were not given.
    #[error(
        "the tube `{tube}` needs the {}: give {} with each `process`, or declare a `default`",
        list(inputs), if inputs.len() == 1 { "it" } else { "them" }
    )]
    Missing {
        /// The tube.
        tube: Name,
        /// All inputs that are missing, in the order of the tube.
        inputs: Vec<MissingInput>,
    },
    /// A value does not have the type that the tube declares for its input.
    #[error("the input `{input}` has the type `{type_name}` and cannot be {found}; give {needs}")]
    OfAnotherType {
        /// The input.
        input: Name,
        /// The declared type.
        type_name: String,
        /// Description of the value.
        found: String,
        /// Values that the type has.
        needs: String,
    },
    /// A value cannot be converted into a value of a tube.
    ///
    /// The `source` is the [`ValueError`].
    #[error(
        "{} cannot be converted to a value: {error}",
        input.as_ref().map_or_else(|| "the inputs".into(), |input| format!("the input `{input}`"))
    )]
    Convert {
        /// The input; `None` if the inputs were given as one value.
        input: Option<String>,
        /// Reason why the value was not converted.
        #[source]
        error: ValueError,
    },
    /// The inputs were given as one value that is not a mapping from names to values.
    #[error(
        "inputs are a mapping from names to values, not a value of the type {found}; give a \
         struct, a map or `inputs! {{ .. }}`"
    )]
    NotAMapping {
        /// The type of the value.
        found: &'static str,
    },
}

/// An input that must be given and was not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingInput {
    /// The name of the input.
    pub name: Name,
    /// The type that the tube declares for the input.
    pub type_name: String,
}

impl MissingInput {
    pub(crate) const fn new(name: Name, type_name: String) -> Self {
        Self { name, type_name }
    }
}

fn list(inputs: &[MissingInput]) -> String {
    let listed = inputs
        .iter()
        .map(|input| format!("`{}` ({})", input.name, input.type_name));
    let noun = if inputs.len() == 1 { "input" } else { "inputs" };
    format!("{noun} {}", listed.collect::<Vec<_>>().join(", "))
}

crate::error_report::debug_as_report!(InputError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_inputs_give_the_same_map() {
        #[derive(Serialize)]
        struct Given {
            a: u8,
        }
        let expected = Map::from_iter([("a".to_owned(), Value::Int(1))]);
        assert_eq!((&Given { a: 1 }).into_inputs().unwrap(), expected);
        assert_eq!([("a", 1)].into_inputs().unwrap(), expected);
        assert_eq!(inputs! { a: 1 }.into_inputs().unwrap(), expected);
        assert_eq!((&expected).into_inputs().unwrap(), expected);
        assert_eq!(().into_inputs().unwrap(), Map::new());
    }

    #[test]
    fn unusable_inputs_name_the_input() {
        let odd = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = inputs! { fine: 1, odd: odd }.into_inputs().unwrap_err();
        assert!(
            error.to_string().starts_with("the input `odd` cannot"),
            "{error}"
        );
        let error = (&[1, 2]).into_inputs().unwrap_err();
        assert!(error.to_string().contains("the type list"), "{error}");
    }
}

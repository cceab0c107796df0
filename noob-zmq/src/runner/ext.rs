//! Typed calls of any runner: inputs of any form, results of any type.

use std::any::type_name;

use serde::de::DeserializeOwned;

use super::{RunError, Runner};
use crate::graph::{Value, from_value};
use crate::inputs::IntoInputs;

/// Calls with typed inputs and results, for every [`Runner`].
///
/// [`Runner`] itself can be made a trait object, and so knows only maps of values; these functions
/// convert. Where the compiler shall check the names and types of a tube as well, use `tube!`.
///
/// ```
/// use noob_zmq::prelude::*;
///
/// /// Squares a number.
/// #[node(name = "math.square")]
/// fn square(of: f64) -> f64 {
///     of * of
/// }
///
/// let text = "
///     noob_id: square
///     input: {side: {type: float, scope: process}}
///     nodes:
///       square: {type: math.square, depends: [{of: input.side}]}
///       return: {type: return, depends: square.value}
/// ";
/// let mut runner = SyncRunner::new(tube::from_text("square.yaml", text, ())?)?;
/// let area: Option<f64> = runner.process_as(inputs! { side: 1.5 })?;
/// assert_eq!(area, Some(2.25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait RunnerExt: Runner {
    /// Runs one epoch with these process-scoped inputs, and returns the value of the return node;
    /// `None` if nothing was emitted there or the tube has no return node.
    ///
    /// Blocks until the epoch is closed. Calls [`init`](Runner::init) if that was not done. An
    /// input that the tube does not declare for `process` is left out, with a warning.
    ///
    /// # Errors
    /// A missing or unusable input, an error of a node, the death of a node, or
    /// [`RunError::Exhausted`] when every source has ended.
    fn process(&mut self, inputs: impl IntoInputs) -> Result<Option<Value>, RunError> {
        self.process_map(inputs.into_inputs()?)
    }

    /// Runs one epoch as [`process`](Self::process) does, and converts the returned value.
    ///
    /// # Errors
    /// As [`process`](Self::process), and [`RunError::Returned`] for a value of another shape.
    fn process_as<T: DeserializeOwned>(
        &mut self,
        inputs: impl IntoInputs,
    ) -> Result<Option<T>, RunError> {
        let value = self.process(inputs)?;
        value.as_ref().map(convert).transpose()
    }

    /// Runs `n` epochs as [`run`](Runner::run) does, and converts the returned values.
    ///
    /// # Errors
    /// As [`run`](Runner::run), and [`RunError::Returned`] for a value of another shape.
    fn run_as<T: DeserializeOwned>(&mut self, n: u64) -> Result<Vec<T>, RunError> {
        self.run(n)?.iter().map(convert).collect()
    }

    /// Runs epochs until the sources end, as [`run_all`](Runner::run_all) does, and converts the
    /// returned values.
    ///
    /// # Errors
    /// As [`run_all`](Runner::run_all), and [`RunError::Returned`] for a value of another shape.
    fn run_all_as<T: DeserializeOwned>(&mut self) -> Result<Vec<T>, RunError> {
        self.run_all()?.iter().map(convert).collect()
    }
}

impl<R: Runner + ?Sized> RunnerExt for R {}

fn convert<T: DeserializeOwned>(value: &Value) -> Result<T, RunError> {
    from_value(value).map_err(|error| RunError::Returned {
        expected: type_name::<T>(),
        found: value.type_name(),
        error,
    })
}

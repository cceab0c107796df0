//! Errors on their way between Rust and Python.

use noob_zmq::graph::spec::DiagnosticKind;
use noob_zmq::graph::{Bytes, Opaque};
use noob_zmq::runner::{ClosedReason, NodeFailure, Phase};
use noob_zmq::tube::LoadError;
use noob_zmq::{NodeError, RunError};
use pyo3::exceptions::{PyFileNotFoundError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use crate::convert::Objects;

/// Kind of the attachment that is a pickled exception.
const EXCEPTION: &str = "python.exception";
/// Kind of the attachment that is the number of an exception in this process.
const KEPT: &str = "python.exception.kept";

/// Message, class, place, traceback, causes, and the exception as it is sent.
type Described<'py> = (
    String,
    String,
    Option<String>,
    String,
    Vec<String>,
    Option<Bound<'py, PyAny>>,
);

/// Converts an exception to the error of a node, with class, place and traceback.
pub(crate) fn node_error(py: Python<'_>, error: &PyErr) -> NodeError {
    match described(py, error) {
        Ok(described) => described,
        Err(other) => NodeError::new(error.to_string())
            .context(format!("an exception cannot be described ({other}); it is")),
    }
}

fn described(py: Python<'_>, error: &PyErr) -> PyResult<NodeError> {
    let shared = Objects::here() == Objects::Shared;
    let module = py.import("noob_zmq._exceptions")?;
    // Python 3.11 has the traceback beside the exception, and not in it.
    let raised = error.clone_ref(py).into_value(py);
    let described = module.call_method1("describe", (raised, shared))?;
    let (message, class, place, traceback, causes, sent): Described<'_> = described.extract()?;
    let mut described = NodeError::new(message)
        .with_class(class)
        .with_detail(traceback);
    described.chain = causes;
    if let Some(place) = place {
        described = described.with_place(place);
    }
    Ok(match sent {
        None => described,
        Some(sent) => described.with_attachment(if let Ok(pickled) = sent.cast::<PyBytes>() {
            Opaque::new(EXCEPTION, Bytes::copy_from_slice(pickled.as_bytes()))
        } else {
            let number: u64 = sent.extract()?;
            Opaque::new(KEPT, Bytes::copy_from_slice(&number.to_le_bytes()))
        }),
    })
}

/// Returns the exception of a node, if its error brought it.
fn restored(py: Python<'_>, error: &NodeError) -> PyResult<Option<PyErr>> {
    let Some(attachment) = error.attachment() else {
        return Ok(None);
    };
    let number = match &*attachment.kind {
        EXCEPTION => None,
        KEPT => attachment.data[..].try_into().ok().map(u64::from_le_bytes),
        _ => return Ok(None),
    };
    let pickled = number.is_none().then(|| PyBytes::new(py, &attachment.data));
    let module = py.import("noob_zmq._exceptions")?;
    let restored = module.call_method1("restore", (number, pickled))?;
    Ok((!restored.is_none()).then(|| PyErr::from_value(restored)))
}

/// Converts an error of a run to an exception: that of the node, with the report as a note, or one
/// of `noob_zmq.errors`.
pub(crate) fn run_error(py: Python<'_>, error: &RunError) -> PyErr {
    converted(py, error).unwrap_or_else(|other| other)
}

fn converted(py: Python<'_>, error: &RunError) -> PyResult<PyErr> {
    let class = match error {
        RunError::Node(failure) => return node_failed(py, error, Some(failure), &failure.error),
        RunError::Asset { error: cause, .. } => return node_failed(py, error, None, cause),
        RunError::Closed {
            reason: ClosedReason::Failure(cause),
        } => return converted(py, cause),
        RunError::Exhausted => "SchedulerExhaustedError",
        RunError::Input(_) => "InputMissingError",
        RunError::Died(_) => "NodeDiedError",
        RunError::NothingReturned { .. } => "NothingReturnedError",
        RunError::NotReady { .. } => "NotReadyError",
        RunError::UnknownNode { .. } => "UnknownNodeError",
        _ => "RunnerError",
    };
    exception(py, class, error.to_string())
}

fn node_failed(
    py: Python<'_>,
    error: &RunError,
    failure: Option<&NodeFailure>,
    cause: &NodeError,
) -> PyResult<PyErr> {
    if let Some(original) = restored(py, cause)? {
        let module = py.import("noob_zmq._exceptions")?;
        module.call_method1("annotate", (original.value(py), error.to_string()))?;
        return Ok(original);
    }
    let raised = exception(py, "NodeFailedError", error.to_string())?;
    if let Some(failure) = failure {
        let value = raised.value(py);
        value.setattr("node", &*failure.node)?;
        let phase = match failure.phase {
            Phase::Init => "init",
            Phase::Process => "process",
            _ => "deinit",
        };
        value.setattr("phase", phase)?;
        value.setattr("epoch", failure.epoch.as_ref().map(ToString::to_string))?;
    }
    Ok(raised)
}

/// Converts an error of a load to an exception, whose text has all mistakes of the tube.
pub(crate) fn load_error(py: Python<'_>, error: &LoadError) -> PyErr {
    let text = format!("{error:?}");
    let raised = match error {
        LoadError::Read { .. } => return PyFileNotFoundError::new_err(text),
        LoadError::Input(_) => exception(py, "InputMissingError", text),
        LoadError::Mistakes(mistakes)
            if mistakes.diagnostics().iter().all(|mistake| {
                matches!(
                    mistake.kind,
                    DiagnosticKind::MissingInput { .. } | DiagnosticKind::InputType { .. }
                )
            }) =>
        {
            exception(py, "InputMissingError", text)
        }
        _ => exception(py, "TubeLoadError", text),
    };
    raised.unwrap_or_else(|other| other)
}

/// Returns an exception of a class of `noob_zmq.errors`.
pub(crate) fn exception(py: Python<'_>, class: &str, text: String) -> PyResult<PyErr> {
    let module = py.import("noob_zmq.errors")?;
    let class = module.call_method1("_class", (class,))?;
    let class = class.cast_into::<PyType>().map_err(|_| {
        PyRuntimeError::new_err("`noob_zmq.errors` is not the module of this version")
    })?;
    Ok(PyErr::from_type(class, text))
}

//! Reports and states of a run, as Python objects.

use noob_zmq::graph::{Value, to_value};
use noob_zmq::runner::{NodeStatusReport, RunReport};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::convert::{Arrays, to_python};

/// Returns a report as a dict, with its text under `text`.
pub(super) fn report<'py>(py: Python<'py>, report: &RunReport) -> PyResult<Bound<'py, PyAny>> {
    let dict = to_python(py, &value(report)?, Arrays::Copied)?;
    dict.set_item("text", report.to_string())?;
    Ok(dict)
}

/// Returns the states of nodes as a list of dicts.
pub(super) fn status<'py>(
    py: Python<'py>,
    nodes: &[NodeStatusReport],
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for node in nodes {
        list.append(to_python(py, &value(node)?, Arrays::Copied)?)?;
    }
    Ok(list)
}

fn value(report: &impl serde::Serialize) -> PyResult<Value> {
    to_value(report).map_err(|error| PyValueError::new_err(error.to_string()))
}

//! Objects that no other language knows, as pickles whose large parts stand apart.

use noob_zmq::graph::{Bytes, Opaque};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList};

use super::from_python::copied;

/// Kind of the opaque values of this package, and name of the type of its objects.
pub(super) const PICKLED: &str = "python.pickle";

/// Protocol with buffers outside of the pickle.
const PROTOCOL: u8 = 5;

fn function<'py>(py: Python<'py>, name: &'static str) -> PyResult<Bound<'py, PyAny>> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let known = if name == "dumps" { &DUMPS } else { &LOADS };
    let function = known.get_or_try_init(py, || {
        PyResult::Ok(py.import("pickle")?.getattr(name)?.unbind())
    })?;
    Ok(function.bind(py).clone())
}

/// Pickles an object.
///
/// # Errors
/// The error of pickle, with the type of the object.
pub(super) fn to_pickle(object: &Bound<'_, PyAny>) -> PyResult<Opaque> {
    let py = object.py();
    let buffers = PyList::empty(py);
    let options = PyDict::new(py);
    options.set_item("protocol", PROTOCOL)?;
    options.set_item("buffer_callback", buffers.getattr("append")?)?;
    let pickled = function(py, "dumps")?
        .call((object,), Some(&options))
        .map_err(|error| {
            let ty = object.get_type();
            let name = ty.fully_qualified_name().map(|name| name.to_string());
            let refused = PyTypeError::new_err(format!(
                "an object of the type `{}` cannot be sent to another process: {error}",
                name.unwrap_or_else(|_| "?".to_owned())
            ));
            refused.set_cause(py, Some(error));
            refused
        })?;
    let data = Bytes::copy_from_slice(pickled.cast::<PyBytes>()?.as_bytes());
    let buffers = buffers
        .iter()
        .map(|buffer| copied(&buffer.call_method0("raw")?))
        .collect::<PyResult<Vec<Bytes>>>()?;
    Ok(Opaque::new(PICKLED, data).with_buffers(buffers))
}

/// Restores a pickled object; its arrays can be written to.
///
/// # Errors
/// An object of another language, or the error of pickle.
pub(super) fn from_pickle<'py>(py: Python<'py>, opaque: &Opaque) -> PyResult<Bound<'py, PyAny>> {
    if *opaque.kind != *PICKLED {
        return Err(PyTypeError::new_err(format!(
            "an object of the kind `{}` cannot be read in Python",
            opaque.kind
        )));
    }
    let buffers: Vec<_> = opaque
        .buffers
        .iter()
        .map(|buffer| PyByteArray::new(py, buffer))
        .collect();
    let options = PyDict::new(py);
    options.set_item("buffers", buffers)?;
    function(py, "loads")?.call((PyBytes::new(py, &opaque.data),), Some(&options))
}

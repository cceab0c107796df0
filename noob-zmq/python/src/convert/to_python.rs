//! Values of a tube as Python objects.

use noob_zmq::Value;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList};
use pyo3::{BoundObject, IntoPyObjectExt};

use super::pickle::from_pickle;
use super::{PythonObject, arrays, objects};

/// Form of the arrays that a node receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrays {
    /// A copy that the node may write to.
    Copied,
    /// A read-only view of the received memory.
    Viewed,
}

/// Converts a value to the Python object that stands for it.
///
/// # Errors
/// An array without numpy, an object that cannot be unpickled, or too little memory.
pub(crate) fn to_python<'py>(
    py: Python<'py>,
    value: &Value,
    arrays: Arrays,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(value) => value.into_bound_py_any(py)?,
        Value::Int(value) => value.into_bound_py_any(py)?,
        Value::UInt(value) => value.into_bound_py_any(py)?,
        Value::BigInt(digits) => py.get_type::<PyInt>().call1((&**digits,))?,
        Value::Float(value) => value.into_bound_py_any(py)?,
        Value::Str(text) => (&**text).into_bound_py_any(py)?,
        Value::Bytes(bytes) => PyBytes::new(py, bytes).into_any(),
        Value::List(items) => {
            let list = PyList::empty(py);
            for item in items.iter() {
                list.append(to_python(py, item, arrays)?)?;
            }
            list.into_any()
        }
        Value::Map(map) => {
            let dict = PyDict::new(py);
            for (key, item) in map.iter() {
                dict.set_item(key, to_python(py, item, arrays)?)?;
            }
            dict.into_any()
        }
        Value::Tensor(tensor) => arrays::to_numpy(py, tensor, arrays)?,
        Value::Object(object) => match object.get::<PythonObject>() {
            Some(held) => objects::open(py, &held)?,
            None => {
                let state = object
                    .state()
                    .map_err(|error| PyTypeError::new_err(error.to_string()))?;
                to_python(py, &state, arrays)?
            }
        },
        Value::Opaque(opaque) => from_pickle(py, opaque)?,
        other => {
            return Err(PyTypeError::new_err(format!(
                "a value of the kind `{}` has no form in Python",
                other.type_name()
            )));
        }
    }
    .into_bound())
}

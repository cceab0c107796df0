//! numpy arrays and tensors.
//!
//! numpy is imported when the first tensor is converted, and not before.

use noob_zmq::Value;
use noob_zmq::graph::{Bytes, Tensor};
use pyo3::exceptions::PyModuleNotFoundError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyDict, PyTuple, PyType};

use super::Arrays;
use super::from_python::copied;

/// Value of numpy.
pub(super) enum Numpy<'py> {
    /// An array of numbers, truth values, times or texts.
    Tensor(Value),
    /// A number of numpy, as an object of Python.
    Scalar(Bound<'py, PyAny>),
    /// An array of objects, or with named fields.
    Other,
}

/// The types of numpy, once it was imported.
struct Types {
    array: Py<PyType>,
    scalar: Py<PyType>,
    from_buffer: Py<PyAny>,
    empty: Py<PyAny>,
}

static TYPES: PyOnceLock<Types> = PyOnceLock::new();

fn types(numpy: &Bound<'_, PyAny>) -> PyResult<&'static Types> {
    TYPES.get_or_try_init(numpy.py(), || {
        let ty = |name| PyResult::Ok(numpy.getattr(name)?.cast_into::<PyType>()?.unbind());
        Ok(Types {
            array: ty("ndarray")?,
            scalar: ty("generic")?,
            from_buffer: numpy.getattr("frombuffer")?.unbind(),
            empty: numpy.getattr("empty")?.unbind(),
        })
    })
}

/// Returns the types of numpy if anything has imported it; otherwise no object is of numpy.
fn imported(py: Python<'_>) -> PyResult<Option<&'static Types>> {
    if let Some(known) = TYPES.get(py) {
        return Ok(Some(known));
    }
    let modules = py
        .import("sys")?
        .getattr("modules")?
        .cast_into::<PyDict>()?;
    // A module that is being imported lacks its names.
    match modules.get_item("numpy")? {
        Some(numpy) if numpy.hasattr("frombuffer")? => types(&numpy).map(Some),
        _ => Ok(None),
    }
}

/// Converts an array or a number of numpy; returns `None` for any other object.
pub(super) fn from_numpy<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Numpy<'py>>> {
    let py = object.py();
    let Some(types) = imported(py)? else {
        return Ok(None);
    };
    if object.is_instance(types.array.bind(py))? {
        // Masks and the like are more than an array.
        return if object.get_type().is(types.array.bind(py)) {
            tensor(object).map(Some)
        } else {
            Ok(Some(Numpy::Other))
        };
    }
    if !object.is_instance(types.scalar.bind(py))? {
        return Ok(None);
    }
    let kind: String = object.getattr("dtype")?.getattr("kind")?.extract()?;
    Ok(Some(match &*kind {
        // `item` of a time depends on its unit, and may be an integer.
        "b" | "i" | "u" | "f" | "U" | "S" => {
            let plain = object.call_method0("item")?;
            // No type of Python is as precise as a long double.
            if plain.get_type().is(object.get_type()) {
                Numpy::Other
            } else {
                Numpy::Scalar(plain)
            }
        }
        _ => Numpy::Other,
    }))
}

fn tensor<'py>(array: &Bound<'py, PyAny>) -> PyResult<Numpy<'py>> {
    let dtype = array.getattr("dtype")?;
    let kind: String = dtype.getattr("kind")?.extract()?;
    if !matches!(&*kind, "b" | "i" | "u" | "f" | "c" | "m" | "M" | "S" | "U") {
        return Ok(Numpy::Other);
    }
    let mut array = array.clone();
    if !dtype.getattr("isnative")?.is_truthy()? {
        array = array.call_method1("astype", (dtype.call_method1("newbyteorder", ("=",))?,))?;
    }
    let is_contiguous = array.getattr("flags")?.getattr("c_contiguous")?;
    if !is_contiguous.is_truthy()? {
        array = array.call_method1("copy", ("C",))?;
    }
    let dtype: String = array.getattr("dtype")?.getattr("str")?.extract()?;
    let shape: Vec<u64> = array.getattr("shape")?.extract()?;
    let data = if array.getattr("nbytes")?.extract::<usize>()? == 0 {
        Bytes::new()
    } else {
        // The only copy, unless the elements do not stand side by side.
        copied(
            &array
                .call_method1("reshape", (-1,))?
                .call_method1("view", ("u1",))?,
        )?
    };
    Ok(Numpy::Tensor(
        Tensor {
            dtype: dtype.into(),
            shape: shape.into(),
            data,
        }
        .into(),
    ))
}

/// Converts a tensor to an array.
pub(super) fn to_numpy<'py>(
    py: Python<'py>,
    tensor: &Tensor,
    arrays: Arrays,
) -> PyResult<Bound<'py, PyAny>> {
    let types = match imported(py)? {
        Some(types) => types,
        None => {
            let numpy = py.import("numpy");
            types(numpy.map_err(|error| without_numpy(py, &error))?.as_any())?
        }
    };
    let shape = PyTuple::new(py, tensor.shape.iter())?;
    if tensor.data.is_empty() {
        return types.empty.bind(py).call1((shape, &*tensor.dtype));
    }
    let memory = match arrays {
        Arrays::Copied => PyByteArray::new(py, &tensor.data).into_any(),
        Arrays::Viewed => {
            let view = pyo3_bytes::PyBytes::new(tensor.data.clone());
            view.into_pyobject(py)?.into_any()
        }
    };
    let flat = types.from_buffer.bind(py).call1((memory, &*tensor.dtype))?;
    flat.call_method1("reshape", (shape,))
}

fn without_numpy(py: Python<'_>, error: &PyErr) -> PyErr {
    if !error.is_instance_of::<PyModuleNotFoundError>(py) {
        return error.clone_ref(py);
    }
    PyModuleNotFoundError::new_err(
        "a node receives an array, which needs numpy: install it with `pip install numpy`",
    )
}

//! Python objects as values of a tube.

use noob_zmq::Value;
use noob_zmq::graph::{Bytes, Map, Object};
use noob_zmq::node::large_bytes;
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMemoryView, PyString, PyTuple,
};

use super::arrays;
use super::objects::{Objects, shared};
use super::pickle::to_pickle;

/// Deepest nesting of lists and mappings; a list that contains itself has no end.
const MAX_DEPTH: usize = 100;

/// Objects that a call was lent, which a node passes on by returning them.
pub(crate) type Lent<'py> = [(Bound<'py, PyAny>, Object)];

/// Converts a Python object to a value.
///
/// # Errors
/// An object that cannot be pickled, or a nesting without end.
pub(crate) fn from_python<'py>(
    object: &Bound<'py, PyAny>,
    objects: Objects,
    lent: &Lent<'py>,
) -> PyResult<Value> {
    Reader { objects, lent }.read(object, 0)
}

/// Converts a mapping with texts as keys; `None` stands for an empty one.
///
/// # Errors
/// As [`from_python`]; anything else than a mapping.
pub(crate) fn mapping(object: Option<&Bound<'_, PyAny>>, objects: Objects) -> PyResult<Map> {
    let Some(object) = object.filter(|object| !object.is_none()) else {
        return Ok(Map::new());
    };
    match from_python(object, objects, &[])? {
        Value::Map(map) => Ok(Map::clone(&map)),
        other => Err(PyTypeError::new_err(format!(
            "inputs are a mapping with names as keys, not a {}",
            other.type_name()
        ))),
    }
}

struct Reader<'a, 'py> {
    objects: Objects,
    lent: &'a Lent<'py>,
}

impl<'py> Reader<'_, 'py> {
    fn read(&self, object: &Bound<'py, PyAny>, depth: usize) -> PyResult<Value> {
        if depth > MAX_DEPTH {
            return Err(PyValueError::new_err(format!(
                "a value is nested deeper than {MAX_DEPTH} levels, or contains itself"
            )));
        }
        // The types of most values come first, without a look at base classes.
        if object.is_none() {
            return Ok(Value::Null);
        }
        if let Ok(number) = object.cast_exact::<PyFloat>() {
            return Ok(Value::Float(number.value()));
        }
        if let Ok(number) = object.cast_exact::<PyInt>() {
            return self.integer(number);
        }
        if let Ok(text) = object.cast_exact::<PyString>() {
            return self.text(text);
        }
        if let Ok(truth) = object.cast_exact::<PyBool>() {
            return Ok(Value::Bool(truth.is_true()));
        }
        if let Ok(list) = object.cast_exact::<PyList>() {
            return self.list(list.iter(), list.len(), depth);
        }
        if let Ok(tuple) = object.cast_exact::<PyTuple>() {
            return self.list(tuple.iter(), tuple.len(), depth);
        }
        if let Ok(bytes) = object.cast_exact::<PyBytes>() {
            let bytes = bytes.as_bytes();
            let copy = large_bytes(bytes.len(), |copy| {
                copy.copy_from_slice(bytes);
                PyResult::Ok(())
            });
            return Ok(Value::Bytes(copy?));
        }
        if let Ok(dict) = object.cast_exact::<PyDict>() {
            return self.dict(dict, depth);
        }
        self.other(object, depth)
    }

    fn list(
        &self,
        items: impl Iterator<Item = Bound<'py, PyAny>>,
        len: usize,
        depth: usize,
    ) -> PyResult<Value> {
        let mut values = Vec::with_capacity(len);
        for item in items {
            values.push(self.read(&item, depth + 1)?);
        }
        Ok(values.into())
    }

    /// Converts a dict; one with a key that is no text is an object like any other.
    fn dict(&self, dict: &Bound<'py, PyDict>, depth: usize) -> PyResult<Value> {
        let mut map = Map::with_capacity(dict.len());
        for (key, item) in dict.iter() {
            let Some(key) = key
                .cast::<PyString>()
                .ok()
                .and_then(|key| key.to_str().ok())
            else {
                return self.object(dict.as_any());
            };
            map.insert(key.to_owned(), self.read(&item, depth + 1)?);
        }
        Ok(map.into())
    }

    fn other(&self, object: &Bound<'py, PyAny>, depth: usize) -> PyResult<Value> {
        if let Some((_, lent)) = self.lent.iter().find(|(held, _)| held.is(object)) {
            return Ok(Value::Object(lent.clone()));
        }
        if let Some(array) = arrays::from_numpy(object)? {
            return match array {
                arrays::Numpy::Tensor(tensor) => Ok(tensor),
                arrays::Numpy::Scalar(plain) => self.read(&plain, depth + 1),
                arrays::Numpy::Other => self.object(object),
            };
        }
        if let Ok(bytes) = object.cast::<PyBytes>() {
            let bytes = bytes.as_bytes();
            let copy = large_bytes(bytes.len(), |copy| {
                copy.copy_from_slice(bytes);
                PyResult::Ok(())
            });
            return Ok(Value::Bytes(copy?));
        }
        if object.is_instance_of::<PyByteArray>() || object.is_instance_of::<PyMemoryView>() {
            let plain = object.py().get_type::<PyBytes>().call1((object,))?;
            return self.read(&plain, depth + 1);
        }
        if let Ok(text) = object.cast::<PyString>() {
            return self.text(text);
        }
        if let Ok(number) = object.cast::<PyInt>() {
            return self.integer(number);
        }
        if let Ok(number) = object.cast::<PyFloat>() {
            return Ok(Value::Float(number.value()));
        }
        if let Ok(list) = object.cast::<PyList>() {
            return self.list(list.iter(), list.len(), depth);
        }
        if let Ok(tuple) = object.cast::<PyTuple>() {
            return self.list(tuple.iter(), tuple.len(), depth);
        }
        if let Ok(dict) = object.cast::<PyDict>() {
            return self.dict(dict, depth);
        }
        self.object(object)
    }

    fn text(&self, text: &Bound<'py, PyString>) -> PyResult<Value> {
        match text.to_str() {
            Ok(text) => Ok(Value::Str(text.into())),
            // Surrogates, as those of a file name that is not UTF-8, are in no text of Rust.
            Err(_) => self.object(text.as_any()),
        }
    }

    fn integer(&self, number: &Bound<'py, PyInt>) -> PyResult<Value> {
        if let Ok(number) = number.extract::<i64>() {
            return Ok(Value::Int(number));
        }
        if let Ok(number) = number.extract::<u64>() {
            return Ok(Value::UInt(number));
        }
        // The number itself, whatever a subclass makes of it.
        let int = number.py().get_type::<PyInt>();
        let plain = int.call_method1("__index__", (number,))?;
        match plain.str() {
            Ok(digits) => {
                let digits = digits.to_str()?;
                Value::integer(digits).ok_or_else(|| {
                    PyValueError::new_err(format!("`{digits}` is no decimal integer"))
                })
            }
            // Python makes no text of so many digits.
            Err(_) => self.object(&plain),
        }
    }

    fn object(&self, object: &Bound<'py, PyAny>) -> PyResult<Value> {
        match self.objects {
            Objects::Shared => Ok(Value::Object(shared(object))),
            Objects::Pickled => Ok(Value::Opaque(to_pickle(object)?.into())),
        }
    }
}

/// Returns a copy of the bytes of a contiguous buffer, in the memory from which a node sends it.
pub(super) fn copied(object: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    let buffer = PyBuffer::<u8>::get(object)?;
    // An array that repeats its elements takes less memory than its copy.
    if Vec::<u8>::new()
        .try_reserve_exact(buffer.len_bytes())
        .is_err()
    {
        return Err(PyMemoryError::new_err(format!(
            "there is no memory for a copy of {} bytes",
            buffer.len_bytes()
        )));
    }
    large_bytes(buffer.len_bytes(), |bytes| {
        buffer.copy_to_slice(object.py(), bytes)
    })
}

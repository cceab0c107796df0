//! Source of the types that are written in Python, asked where no Rust type has a name.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use noob_zmq::graph::{Map, Value};
use noob_zmq::node::special::set_foreign_items;
use noob_zmq::node::{
    AssetType, Node, NodeError, NodeType, Registry, RegistryError, Shape, TypeSource,
};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::asset;
use super::description::Description;
use super::node::PythonNode;
use crate::convert::{Arrays, Objects, from_python, to_python};
use crate::errors::node_error;

/// Returns the types of this program, in Rust and in Python.
///
/// # Errors
/// Two Rust types of one name.
pub(crate) fn registry() -> Result<Registry, RegistryError> {
    static SOURCE: LazyLock<Arc<PythonSource>> = LazyLock::new(Arc::default);
    let source: Arc<dyn TypeSource> = SOURCE.clone();
    set_foreign_items(items);
    Ok(Registry::get()?.clone().with_source(source))
}

/// Returns the items of an object of Python, or of an array.
fn items(value: &Value) -> Result<Option<Vec<Value>>, NodeError> {
    Python::attach(|py| {
        let read = || -> PyResult<Option<Vec<Value>>> {
            let object = to_python(py, value, Arrays::Viewed)?;
            match object.try_iter() {
                Ok(items) => items
                    .map(|item| from_python(&item?, Objects::here(), &[]))
                    .collect::<PyResult<_>>()
                    .map(Some),
                Err(error) if error.is_instance_of::<PyTypeError>(py) => Ok(None),
                Err(error) => Err(error),
            }
        };
        read().map_err(|error| node_error(py, &error))
    })
}

/// Types by name; a name that was found keeps its type.
#[derive(Default)]
struct PythonSource {
    nodes: Mutex<HashMap<String, &'static NodeType>>,
    assets: Mutex<HashMap<String, &'static AssetType>>,
}

impl TypeSource for PythonSource {
    fn node_type(&self, name: &str) -> Result<Option<&'static NodeType>, NodeError> {
        cached(&self.nodes, name, || {
            Python::attach(|py| {
                let Some(described) = describe(py, "node", name)? else {
                    return Ok(None);
                };
                let facts = Arc::new(described.call_facts());
                let of_call = Arc::clone(&facts);
                let ty = NodeType::dynamic(described.node_kind(), name, move |ty, params| {
                    let node = PythonNode::new(ty, Arc::clone(&of_call), params);
                    Ok(Box::new(node) as Box<dyn Node>)
                });
                let mut ty = described.describe(ty);
                if facts.dynamic {
                    let name = name.to_owned();
                    ty = ty.shape(move |params| Python::attach(|py| shape(py, &name, params)));
                }
                Ok(Some(ty.leak()))
            })
        })
    }

    fn asset_type(&self, name: &str) -> Result<Option<&'static AssetType>, NodeError> {
        cached(&self.assets, name, || {
            if Objects::here() == Objects::Pickled {
                return Ok(Some(asset::leak_unseen(name)));
            }
            Python::attach(|py| {
                let described = describe(py, "asset", name)?;
                Ok(described.map(|described| asset::leak(name, &described)))
            })
        })
    }
}

/// Returns a type that was found before, or else looks for it.
fn cached<T: ?Sized>(
    known: &Mutex<HashMap<String, &'static T>>,
    name: &str,
    find: impl FnOnce() -> Result<Option<&'static T>, NodeError>,
) -> Result<Option<&'static T>, NodeError> {
    // Not held while modules are imported: their code may look types up itself.
    let known_type = lock(known).get(name).copied();
    if known_type.is_some() {
        return Ok(known_type);
    }
    let Some(found) = find()? else {
        return Ok(None);
    };
    Ok(Some(lock(known).entry(name.to_owned()).or_insert(found)))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Imports what a name stands for, and describes it; `None` where it cannot be a name of Python.
fn describe(py: Python<'_>, what: &str, name: &str) -> Result<Option<Description>, NodeError> {
    let described = || -> PyResult<_> {
        if !py
            .import("noob_zmq._resolve")?
            .call_method1("is_known", (name,))?
            .is_truthy()?
        {
            return Ok(None);
        }
        let described = py
            .import("noob_zmq._describe")?
            .call_method1(what, (name,))?;
        described.extract().map(Some)
    };
    described().map_err(|error| node_error(py, &error))
}

/// Returns the slots and signals that follow from the `params` of a node.
fn shape(py: Python<'_>, name: &str, params: &Map) -> Result<Shape, NodeError> {
    let shape = || -> PyResult<Shape> {
        let params = to_python(py, &Value::from(params.clone()), Arrays::Copied)?;
        let shape = py
            .import("noob_zmq._describe")?
            .call_method1("shape", (name, params))?;
        let (slots, signals): (Vec<String>, Vec<String>) = shape.extract()?;
        Ok(Shape {
            slots: slots.into_iter().map(Into::into).collect(),
            signals: signals.into_iter().map(Into::into).collect(),
        })
    };
    shape().map_err(|error| node_error(py, &error))
}

//! Source of the types that are written in Python, asked where no Rust type has a name.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use noob_zmq::graph::{Map, Value};
use noob_zmq::node::special::set_foreign_items;
use noob_zmq::node::{
    AssetType, Node, NodeError, NodeType, Registry, RegistryError, Shape, TypeSource,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use super::asset;
use super::description::Description;
use super::node::PythonNode;
use crate::convert::{Arrays, Objects, from_python, to_python};
use crate::errors::node_error;

static SOURCE: LazyLock<Arc<PythonSource>> = LazyLock::new(Arc::default);

/// Returns the types of this program for a new tube, which has the present objects of modules that
/// were loaded again, as in a notebook.
///
/// # Errors
/// As [`registry`]; an exception of a module.
pub(crate) fn fresh_registry(py: Python<'_>) -> PyResult<Registry> {
    refresh(py, &SOURCE.nodes)?;
    refresh(py, &SOURCE.assets)?;
    registry().map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Returns the types of this program, in Rust and in Python.
///
/// # Errors
/// Two Rust types of one name.
pub(crate) fn registry() -> Result<Registry, RegistryError> {
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

/// Types by name; a name keeps its type as long as its description is the same.
#[derive(Default)]
struct PythonSource {
    nodes: Mutex<Known<NodeType>>,
    assets: Mutex<Known<AssetType>>,
}

type Known<T> = HashMap<String, Entry<T>>;

/// A type that was found.
struct Entry<T: 'static> {
    ty: &'static T,
    /// Description that it was made of; `None` where nothing was imported.
    described: Option<Description>,
    /// The described object.
    object: Option<Py<PyAny>>,
    /// Whether its module was loaded again, with another object.
    is_stale: bool,
}

impl TypeSource for PythonSource {
    fn node_type(&self, name: &str) -> Result<Option<&'static NodeType>, NodeError> {
        // Not locked while modules are imported: their code may look types up itself.
        if let Some(known) = find(&self.nodes, name) {
            return Ok(Some(known));
        }
        Python::attach(|py| {
            let Some((described, object)) = describe(py, "node", name)? else {
                return Ok(None);
            };
            let ty = keep(&self.nodes, name, (described, object), |described| {
                leak_node(name, described)
            });
            Ok(Some(ty))
        })
    }

    fn asset_type(&self, name: &str) -> Result<Option<&'static AssetType>, NodeError> {
        if let Some(known) = find(&self.assets, name) {
            return Ok(Some(known));
        }
        if Objects::here() == Objects::Pickled {
            // The event loop of a node process asks for types: nothing that waits happens in the
            // lock.
            let mut assets = lock(&self.assets);
            let entry = assets.entry(name.to_owned()).or_insert_with(|| Entry {
                ty: asset::leak_unseen(name),
                described: None,
                object: None,
                is_stale: false,
            });
            return Ok(Some(entry.ty));
        }
        Python::attach(|py| {
            let Some((described, object)) = describe(py, "asset", name)? else {
                return Ok(None);
            };
            let ty = keep(&self.assets, name, (described, object), |described| {
                asset::leak(name, described)
            });
            Ok(Some(ty))
        })
    }
}

fn leak_node(name: &str, described: &Description) -> &'static NodeType {
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
    ty.leak()
}

/// Returns a type that was found before.
fn find<T>(known: &Mutex<Known<T>>, name: &str) -> Option<&'static T> {
    // Held for the look alone: a type is never freed, so that the reference outlives the lock.
    let known = lock(known);
    let entry = known.get(name).filter(|entry| !entry.is_stale)?;
    Some(entry.ty)
}

/// Keeps the type of a description; a new type is made only where the description has changed,
/// since types are never freed.
fn keep<T>(
    known: &Mutex<Known<T>>,
    name: &str,
    (described, object): (Description, Py<PyAny>),
    make: impl FnOnce(&Description) -> &'static T,
) -> &'static T {
    // Two threads may have described the same name at once. The lock is held while the type is
    // made, so that the second finds the type of the first and makes none.
    //
    // No code of Python runs in the lock: it may switch to another thread, which would wait for
    // the lock with the interpreter held.
    let mut known = lock(known);
    let before = known.get(name);
    let same = before.filter(|entry| entry.described.as_ref() == Some(&described));
    let ty = same.map_or_else(|| make(&described), |entry| entry.ty);
    let entry = Entry {
        ty,
        described: Some(described),
        object: Some(object),
        is_stale: false,
    };
    let replaced = known.insert(name.to_owned(), entry);
    drop(known);
    // The end of the object before may run code of Python.
    drop(replaced);
    ty
}

/// Marks the types whose module was loaded again, so that the next tube has the new ones.
fn refresh<T>(py: Python<'_>, known: &Mutex<Known<T>>) -> PyResult<()> {
    // Not locked while Python runs, which may switch to a thread that looks a type up.
    let described: Vec<(String, Py<PyAny>)> = lock(known)
        .iter()
        .filter_map(|(name, entry)| {
            let object = entry.object.as_ref()?.clone_ref(py);
            Some((name.clone(), object))
        })
        .collect();
    let resolve = py.import("noob_zmq._resolve")?;
    for (name, object) in described {
        let now = resolve.call_method1("current", (&name,))?;
        // The lock was released meanwhile. An entry that another thread has replaced is described
        // once more, which changes nothing.
        if !now.is(&object)
            && let Some(entry) = lock(known).get_mut(&name)
        {
            entry.is_stale = true;
        }
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Imports what a name stands for, and describes it; `None` where it cannot be a name of Python.
fn describe(
    py: Python<'_>,
    what: &str,
    name: &str,
) -> Result<Option<(Description, Py<PyAny>)>, NodeError> {
    let described = || -> PyResult<_> {
        let resolve = py.import("noob_zmq._resolve")?;
        if !resolve.call_method1("is_known", (name,))?.is_truthy()? {
            return Ok(None);
        }
        let module = py.import("noob_zmq._describe")?;
        let described = module.call_method1(what, (name,))?.extract()?;
        let object = resolve.call_method1("current", (name,))?;
        Ok(Some((described, object.unbind())))
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

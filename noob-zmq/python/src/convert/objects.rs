//! Python objects that travel as themselves, and their codec.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use noob_zmq::Value;
use noob_zmq::graph::{Object, ObjectCodec, StateCodec, ValueError};
use pyo3::prelude::*;

use super::pickle::{PICKLED, opened, pickled};

/// The codec of all objects of Python: their state is their pickle.
pub(crate) static CODEC: ObjectCodec = ObjectCodec::by::<PythonObject>();

/// Whether this is the process of one node: its objects must be readable in others.
static IS_NODE_PROCESS: AtomicBool = AtomicBool::new(false);

/// A Python object that travels as itself: an asset, or an object within one process.
pub(crate) struct PythonObject {
    pub(crate) object: Py<PyAny>,
    /// Number of the function that closes the asset, which stays in the process of the runner; 0
    /// for an object without one.
    pub(crate) closing: u64,
}

/// Way of objects that have no form in other languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objects {
    /// The objects stay in this process, and are passed on as they are.
    Shared,
    /// The objects are pickled, to be read in other processes.
    Pickled,
}

impl Objects {
    /// Returns the way of the objects of this process.
    pub(crate) fn here() -> Self {
        if IS_NODE_PROCESS.load(Ordering::Relaxed) {
            Self::Pickled
        } else {
            Self::Shared
        }
    }
}

/// Notes that this process hosts one node.
pub(crate) fn set_node_process() {
    IS_NODE_PROCESS.store(true, Ordering::Relaxed);
}

/// Returns an object of this process as a value of the tube.
pub(super) fn shared(object: &Bound<'_, PyAny>) -> Object {
    Object::new(
        next_object_id(),
        PICKLED.into(),
        PythonObject {
            object: object.clone().unbind(),
            closing: 0,
        },
        &CODEC,
    )
}

/// Returns the id of a new object, unique among the objects of a run.
fn next_object_id() -> u64 {
    static PREFIX: LazyLock<u64> =
        LazyLock::new(|| RandomState::new().hash_one("python objects") & 0x7fff_ffff_0000_0000);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    *PREFIX | COUNT.fetch_add(1, Ordering::Relaxed)
}

impl StateCodec for PythonObject {
    fn state(&self) -> Result<Value, ValueError> {
        let object = Python::attach(|py| {
            let object = pickled(self.object.bind(py));
            object.map_err(|error| text(py, &error))
        });
        Ok([Value::UInt(self.closing), object.map_err(ValueError::new)?].into())
    }

    fn from_state(state: &Value) -> Result<Self, ValueError> {
        let Some([closing, object]) = state.as_list() else {
            return Err(not_a_state(state));
        };
        let closing = closing.as_u64().ok_or_else(|| not_a_state(state))?;
        Python::attach(|py| match opened(py, object) {
            Ok(Some(object)) => Ok(Self {
                object: object.unbind(),
                closing,
            }),
            Ok(None) => Err(not_a_state(state)),
            Err(error) => Err(ValueError::new(text(py, &error))),
        })
    }
}

fn not_a_state(state: &Value) -> ValueError {
    ValueError::new(format!(
        "the state of a Python object is a number and a pickle, not a {}",
        state.type_name()
    ))
}

fn text(py: Python<'_>, error: &PyErr) -> String {
    error.value(py).to_string()
}

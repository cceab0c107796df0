//! Python objects that travel as themselves, and their codec.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, TryLockError};

use noob_zmq::Value;
use noob_zmq::graph::{Object, ObjectCodec, Opaque, StateCodec, ValueError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::pickle::{PICKLED, from_pickle, to_pickle};

/// The codec of all objects of Python: their state is their pickle.
pub(crate) static CODEC: ObjectCodec = ObjectCodec::by::<PythonObject>();

/// Whether this is the process of one node: its objects must be readable in others.
static IS_NODE_PROCESS: AtomicBool = AtomicBool::new(false);

/// A Python object that travels as itself: an asset, or an object within one process.
///
/// The event loop reads and replaces the state of an object, and must not wait for the interpreter:
/// a state that has come is opened where the object is used, and pickled again after a call.
pub(crate) struct PythonObject {
    /// The object; `None` until a state that has come from another process is opened.
    object: Option<Py<PyAny>>,
    /// The state that was received, or that the last call has left behind.
    pickled: Option<Opaque>,
    /// Number of the function that closes the asset, which stays in the process of the runner; 0
    /// for an object without one.
    closing: u64,
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
        PythonObject::new(object.clone().unbind(), 0),
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

impl PythonObject {
    /// An object of this process.
    pub(crate) fn new(object: Py<PyAny>, closing: u64) -> Self {
        Self {
            object: Some(object),
            pickled: None,
            closing,
        }
    }

    /// Returns the number of the function that closes the asset, which then has the last state of
    /// the asset; 0 if there is none.
    ///
    /// # Errors
    /// The error of pickle.
    pub(crate) fn to_close(&self, py: Python<'_>) -> PyResult<u64> {
        if let (None, Some(pickled), 1..) = (&self.object, &self.pickled, self.closing) {
            opened(py, self.closing, pickled)?;
        }
        Ok(self.closing)
    }

    /// Pickles the closed asset of one call, if the node has passed it on to other processes.
    ///
    /// # Errors
    /// The error of pickle.
    pub(crate) fn after_close(&mut self, py: Python<'_>) -> PyResult<()> {
        if Objects::here() == Objects::Shared {
            return Ok(());
        }
        if let (Some(object), Some(_)) = (&self.object, &self.pickled) {
            self.pickled = Some(to_pickle(object.bind(py))?);
        }
        Ok(())
    }
}

/// Locks an object.
///
/// The holder of the lock may be waiting for the interpreter: to wait for the lock with the
/// interpreter held would never end.
fn locked<'a>(py: Python<'_>, held: &'a Mutex<PythonObject>) -> MutexGuard<'a, PythonObject> {
    loop {
        match held.try_lock() {
            Ok(held) => return held,
            Err(TryLockError::Poisoned(held)) => return held.into_inner(),
            Err(TryLockError::WouldBlock) => py.detach(std::thread::yield_now),
        }
    }
}

/// Returns the object itself, and opens its state if that was not done.
///
/// # Errors
/// The error of pickle.
pub(super) fn open<'py>(
    py: Python<'py>,
    held: &Mutex<PythonObject>,
) -> PyResult<Bound<'py, PyAny>> {
    let now = locked(py, held);
    if let Some(object) = &now.object {
        return Ok(object.bind(py).clone());
    }
    let (closing, pickled) = (now.closing, now.pickled.clone());
    // Not held while the state is opened, which can import a module: the event loop may want it.
    drop(now);
    let pickled = pickled.ok_or_else(|| PyRuntimeError::new_err("an object has no state"))?;
    let object = opened(py, closing, &pickled)?;
    let mut now = locked(py, held);
    if Objects::here() == Objects::Shared {
        // Nodes of this process change the object itself.
        now.pickled = None;
    }
    now.object = Some(object.clone().unbind());
    Ok(object)
}

/// Pickles an object that a call was lent, if it goes on to other processes.
///
/// # Errors
/// The error of pickle.
pub(crate) fn after_call(py: Python<'_>, object: &Object) -> PyResult<()> {
    let held = object.get::<PythonObject>();
    let Some(held) = held.filter(|_| Objects::here() == Objects::Pickled) else {
        return Ok(());
    };
    let pickled = to_pickle(&open(py, &held)?)?;
    locked(py, &held).pickled = Some(pickled);
    Ok(())
}

impl StateCodec for PythonObject {
    fn state(&self) -> Result<Value, ValueError> {
        let pickled = match (&self.pickled, &self.object) {
            (Some(pickled), _) => pickled.clone(),
            (None, Some(object)) => written(object)?,
            (None, None) => return Err(ValueError::new("an object has no state")),
        };
        Ok([Value::UInt(self.closing), Value::Opaque(pickled.into())].into())
    }

    fn from_state(state: &Value) -> Result<Self, ValueError> {
        let refused = || {
            ValueError::new(format!(
                "the state of a Python object is a number and a pickle, not a {}",
                state.type_name()
            ))
        };
        let Some([closing, Value::Opaque(pickled)]) = state.as_list() else {
            return Err(refused());
        };
        Ok(Self {
            object: None,
            pickled: Some(Opaque::clone(pickled)),
            closing: closing.as_u64().ok_or_else(refused)?,
        })
    }

    fn prepare(&mut self) -> Result<(), ValueError> {
        if let (None, Some(object)) = (&self.pickled, &self.object) {
            self.pickled = Some(written(object)?);
        }
        Ok(())
    }
}

fn written(object: &Py<PyAny>) -> Result<Opaque, ValueError> {
    Python::attach(|py| {
        let pickled = to_pickle(object.bind(py));
        pickled.map_err(|error| ValueError::new(error.value(py).to_string()))
    })
}

/// Returns the object of a state.
fn opened<'py>(py: Python<'py>, closing: u64, object: &Opaque) -> PyResult<Bound<'py, PyAny>> {
    let object = from_pickle(py, object)?;
    if closing == 0 {
        return Ok(object);
    }
    // The function that closes the asset knows the object that was made first.
    let assets = py.import("noob_zmq._assets")?;
    assets.call_method1("restored", (closing, object))
}

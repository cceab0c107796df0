//! Epochs, events and markers in their Python forms.

use noob_zmq::graph::{Emit, Epoch, Event};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::convert::{Arrays, to_python};

/// Returns the Python form of an epoch.
pub(crate) fn epoch_of<'py>(py: Python<'py>, epoch: &Epoch) -> PyResult<Bound<'py, PyAny>> {
    let path: Vec<_> = epoch
        .path()
        .iter()
        .map(|segment| (&*segment.node, segment.index))
        .collect();
    let module = py.import("noob_zmq._epoch")?;
    module.call_method1("make", (epoch.number(), path))
}

/// Returns the Python form of an event: a dict with noob's keys.
pub(crate) fn event_of<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("id", event.id)?;
    dict.set_item("timestamp", event.timestamp.as_micros())?;
    let module = py.import("noob_zmq._events")?;
    module.call_method1("dated", (&dict,))?;
    dict.set_item("node_id", &*event.node_id)?;
    dict.set_item("signal", &*event.signal)?;
    dict.set_item("epoch", epoch_of(py, &event.epoch)?)?;
    let value = match &event.value {
        Emit::Value(value) => to_python(py, value, Arrays::Copied)?,
        Emit::Nothing => module.call_method1("marker", ("NoEvent",))?,
        Emit::Exhausted => module.call_method1("marker", ("Exhausted",))?,
    };
    dict.set_item("value", value)?;
    Ok(dict)
}

/// Returns what a marker stands for; `None` for any other object.
///
/// A marker is a member of an enumeration `MetaSignal`, of noob or of this package; a plain text
/// is none.
pub(crate) fn meta_signal(object: &Bound<'_, PyAny>) -> PyResult<Option<Emit>> {
    let Ok(text) = object.cast::<PyString>() else {
        return Ok(None);
    };
    if object.is_exact_instance_of::<PyString>() || object.get_type().name()? != "MetaSignal" {
        return Ok(None);
    }
    Ok(match text.to_str()? {
        "__META__NoEvent" => Some(Emit::Nothing),
        "__META__Exhausted" => Some(Emit::Exhausted),
        _ => None,
    })
}

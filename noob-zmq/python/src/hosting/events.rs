//! Epochs, events and markers in their Python forms.

use noob_zmq::graph::{Emit, Epoch, Event};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

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

fn is_marker(ty: &Bound<'_, PyType>) -> bool {
    let module = ty.module();
    ty.name().is_ok_and(|name| name == "MetaSignal")
        && module.is_ok_and(|module| module == "noob.event" || module == "noob_zmq._markers")
}

/// Returns what a marker stands for; `None` for any other object.
///
/// A marker is a member of an enumeration `MetaSignal`, of noob or of this package; a plain text
/// is none.
pub(crate) fn meta_signal(object: &Bound<'_, PyAny>) -> PyResult<Option<Emit>> {
    let Ok(text) = object.cast::<PyString>() else {
        return Ok(None);
    };
    if object.is_exact_instance_of::<PyString>() || !is_marker(&object.get_type()) {
        return Ok(None);
    }
    Ok(match text.to_str()? {
        "__META__NoEvent" => Some(Emit::Nothing),
        "__META__Exhausted" => Some(Emit::Exhausted),
        _ => None,
    })
}

/// Keys of an event in the form of noob's.
const KEYS: [&str; 6] = ["id", "timestamp", "node_id", "signal", "epoch", "value"];

/// Signals and values of events.
pub(super) type ReadyMade<'py> = Vec<(String, Bound<'py, PyAny>)>;

/// Returns signals and values of the events that a node returns in place of a value: one event, or
/// several in a list or tuple; `None` for any other object.
///
/// A node below a map may have made an event of an epoch above, which is emitted in the epoch of
/// the call.
///
/// # Errors
/// An event of an epoch that is neither that of the call nor one above.
pub(super) fn ready_made<'py>(
    object: &Bound<'py, PyAny>,
    called: &Epoch,
) -> PyResult<Option<ReadyMade<'py>>> {
    if let Some(event) = as_event(object)? {
        return Ok(Some(vec![signal_and_value(event, called)?]));
    }
    let items: Vec<Bound<'py, PyAny>> = if let Ok(list) = object.cast_exact::<PyList>() {
        match list.get_item(0) {
            Ok(first) if as_event(&first)?.is_some() => list.iter().collect(),
            _ => return Ok(None),
        }
    } else if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        match tuple.get_item(0) {
            Ok(first) if as_event(&first)?.is_some() => tuple.iter().collect(),
            _ => return Ok(None),
        }
    } else {
        return Ok(None);
    };
    let events = items.iter().map(|item| match as_event(item)? {
        Some(event) => signal_and_value(event, called),
        None => Err(PyTypeError::new_err(
            "a list that a node emits begins with an event, and has other values too",
        )),
    });
    events.collect::<PyResult<_>>().map(Some)
}

fn as_event<'a, 'py>(object: &'a Bound<'py, PyAny>) -> PyResult<Option<&'a Bound<'py, PyDict>>> {
    let Ok(dict) = object.cast::<PyDict>() else {
        return Ok(None);
    };
    if dict.len() < KEYS.len() {
        return Ok(None);
    }
    for key in KEYS {
        if !dict.contains(key)? {
            return Ok(None);
        }
    }
    Ok(Some(dict))
}

fn signal_and_value<'py>(
    event: &Bound<'py, PyDict>,
    called: &Epoch,
) -> PyResult<(String, Bound<'py, PyAny>)> {
    let py = event.py();
    let of = event.as_any().get_item("epoch")?;
    let mut epochs = std::iter::once(called.clone()).chain(called.parents());
    let is_of = |epoch: Epoch| of.eq(epoch_of(py, &epoch)?);
    if !epochs.try_fold(false, |found, epoch| PyResult::Ok(found || is_of(epoch)?))? {
        return Err(PyValueError::new_err(format!(
            "the node was called in the epoch {called}, and has emitted an event of the epoch \
             {of}: an event that a node makes itself is of the epoch of the call, or of one above"
        )));
    }
    let signal = event.as_any().get_item("signal")?.extract()?;
    Ok((signal, event.as_any().get_item("value")?))
}

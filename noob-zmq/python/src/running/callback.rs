//! Callbacks of a runner for events.

use std::sync::{Arc, Mutex, PoisonError};

use noob_zmq::graph::Event;
use noob_zmq::runner::{EventCallback, Stopper};
use pyo3::prelude::*;

use crate::hosting::event_of;

/// The first exception that a callback raised since it was last taken.
#[derive(Clone, Default)]
pub(super) struct Raised(Arc<Mutex<Option<PyErr>>>);

impl Raised {
    /// Returns the exception, once.
    pub(super) fn take(&self) -> Option<PyErr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep(&self, error: PyErr) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(error);
    }
}

/// Returns a callback that calls a Python function.
///
/// An exception ends the run, whose caller receives it; later events of the run are not passed on.
pub(super) fn callback(function: Py<PyAny>, raised: Raised, stopper: Stopper) -> EventCallback {
    Box::new(move |event: &Event| {
        Python::attach(|py| {
            let called = event_of(py, event).and_then(|event| function.call1(py, (event,)));
            if let Err(error) = called {
                raised.keep(error);
                stopper.stop();
            }
        });
    })
}

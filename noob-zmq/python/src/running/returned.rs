//! Form of the values that a tube returns.

use noob_zmq::Value;
use noob_zmq::graph::{SlotRef, Tube};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::convert::{Arrays, to_python};

/// Form of a returned value, which follows from the return node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Returned {
    /// A value as it is, or a mapping by keys.
    Plain,
    /// Values by position: a tuple, as in noob.
    Positional,
    /// A pair of the values by position and those by keys.
    Both,
}

impl Returned {
    /// Returns the form of the values of a tube.
    pub(super) fn of(tube: &Tube) -> Self {
        let Some(node) = tube.return_node() else {
            return Self::Plain;
        };
        let slots = || tube.upstream(&node.id).map(|edge| &edge.target_slot);
        let positional = slots().any(|slot| matches!(slot, SlotRef::Position(_)));
        let named = slots().any(|slot| matches!(slot, SlotRef::Name(_)));
        match (positional, named) {
            (true, false) => Self::Positional,
            (true, true) => Self::Both,
            (false, _) => Self::Plain,
        }
    }

    /// Converts a returned value.
    ///
    /// # Errors
    /// As [`to_python`].
    pub(super) fn to_python<'py>(
        self,
        py: Python<'py>,
        value: &Value,
    ) -> PyResult<Bound<'py, PyAny>> {
        let object = to_python(py, value, Arrays::Copied)?;
        let Ok(list) = object.cast::<PyList>() else {
            return Ok(object);
        };
        match self {
            Self::Plain => Ok(object),
            Self::Positional => Ok(list.to_tuple().into_any()),
            Self::Both => {
                let mut parts: Vec<_> = list.iter().collect();
                if let Some(first) = parts.first_mut()
                    && let Ok(positional) = first.cast::<PyList>()
                {
                    *first = positional.to_tuple().into_any();
                }
                Ok(PyTuple::new(py, parts)?.into_any())
            }
        }
    }
}

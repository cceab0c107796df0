//! Checked tubes.

use noob_zmq::graph::{InputScope, TubeNodeKind};
use noob_zmq::tube::Folders;
use pyo3::prelude::*;

use crate::convert::{Objects, mapping};
use crate::errors::load_error;
use crate::hosting::fresh_registry;

/// A tube that was read and checked.
#[pyclass(frozen, module = "noob_zmq._native")]
pub(crate) struct Tube(pub(crate) noob_zmq::Tube);

#[pymethods]
impl Tube {
    /// Reads a tube by its path or its id.
    #[staticmethod]
    #[pyo3(signature = (path, input=None))]
    fn load(py: Python<'_>, path: &str, input: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let given = mapping(input, Objects::Pickled)?;
        let loaded = folders(py)?.load(path, given);
        loaded.map(Self).map_err(|error| load_error(py, &error))
    }

    /// Reads a tube from its text; `name` stands for the file in messages.
    #[staticmethod]
    #[pyo3(signature = (name, text, input=None))]
    fn from_text(
        py: Python<'_>,
        name: &str,
        text: &str,
        input: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let given = mapping(input, Objects::Pickled)?;
        let loaded = folders(py)?.from_text(name, text, given);
        loaded.map(Self).map_err(|error| load_error(py, &error))
    }

    /// Id of the tube.
    #[getter]
    fn tube_id(&self) -> &str {
        &self.0.id
    }

    /// Ids of the nodes, in the order of the file, each with its type and whether it is enabled.
    fn nodes(&self) -> Vec<(String, String, bool)> {
        let nodes = self.0.nodes.values();
        nodes
            .map(|node| {
                (
                    node.id.to_string(),
                    node.type_name.to_string(),
                    node.enabled,
                )
            })
            .collect()
    }

    /// Names of the inputs, each with whether it is given with each `process`.
    fn inputs(&self) -> Vec<(String, bool)> {
        let inputs = self.0.inputs.values();
        inputs
            .map(|input| {
                let of_process = input.scope == InputScope::Process;
                (input.name.to_string(), of_process)
            })
            .collect()
    }

    /// Whether the tube has a return node that is enabled.
    #[getter]
    fn has_return(&self) -> bool {
        let mut nodes = self.0.nodes.values();
        nodes.any(|node| node.kind == TubeNodeKind::Return && node.enabled)
    }

    fn __repr__(&self) -> String {
        format!("Tube({:?})", &*self.0.id)
    }
}

/// Returns the folders of tubes, and the types of this program.
fn folders(py: Python<'_>) -> PyResult<Folders> {
    let registry = fresh_registry(py)?;
    let folders = Folders::from_env().map_err(|error| load_error(py, &error))?;
    Ok(folders.with_registry(registry))
}

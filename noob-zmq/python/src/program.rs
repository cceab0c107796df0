//! Entry points of processes: the process of a node, and the command line.

use std::process::ExitCode;

use noob_zmq::node::Registry;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::convert::set_node_process;
use crate::hosting::registry;
use crate::running::node_program;

/// Runs the node that this process was started for; returns its exit code, or `None` if the process
/// is not one of a node.
#[pyfunction]
pub(crate) fn node_process(py: Python<'_>) -> PyResult<Option<u8>> {
    let types = types()?;
    set_node_process();
    Ok(py
        .detach(|| noob_zmq::node_process_in(types))
        .map(exit_code))
}

/// Runs the command line with these words, the first of which is the name of the program, and
/// returns the exit code; `program` and `env` start the process of a node.
#[pyfunction]
pub(crate) fn command(
    py: Python<'_>,
    words: Vec<String>,
    program: Vec<String>,
    env: Vec<(String, String)>,
) -> PyResult<u8> {
    if words.is_empty() {
        return Err(PyValueError::new_err(
            "a command line begins with the name of the program",
        ));
    }
    let types = types()?;
    node_program(program, env)?.set_default();
    Ok(exit_code(
        py.detach(|| noob_zmq::cli::main_from(words, types)),
    ))
}

fn types() -> PyResult<Registry> {
    registry().map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// Returns the number of an exit code, which the standard library does not tell.
fn exit_code(code: ExitCode) -> u8 {
    let shown = format!("{code:?}");
    (0..=u8::MAX)
        .find(|number| format!("{:?}", ExitCode::from(*number)) == shown)
        .unwrap_or(1)
}

//! The extension module `noob_zmq._native` of the Python package `noob_zmq`.
//!
//! Nodes and assets that are written in Python stand behind the traits of the library (`hosting`),
//! values and objects are converted (`convert`), and tubes and runners are classes (`running`). The
//! files beside this crate's `src` read annotations and make live nodes in plain Python.
//!
//! A program with Rust nodes of its own makes a module of its own from this crate: see
//! `docs/python.md`.

mod convert;
mod errors;
mod hosting;
mod program;
mod running;

use pyo3::prelude::*;

/// Adds everything that the package `noob_zmq` needs to a module.
///
/// # Errors
/// A name that cannot be added.
pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<running::Tube>()?;
    module.add_class::<running::Runner>()?;
    module.add_function(wrap_pyfunction!(program::node_process, module)?)?;
    module.add_function(wrap_pyfunction!(program::command, module)?)?;
    Ok(())
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    add_to(module)
}

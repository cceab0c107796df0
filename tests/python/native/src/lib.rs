//! Python module with Rust nodes for the tests and the benchmark of the Python package.

use ndarray::ArrayD;
use noob_zmq::node;
use pyo3::prelude::*;

/// Emits an array of bytes again and again, with the number of the epoch in its first element.
#[node(name = "rust_nodes.blobs")]
fn blobs(size: usize) -> impl Iterator<Item = ArrayD<u8>> {
    let mut blob = ArrayD::from_elem(vec![size], 7);
    (0_u64..).map(move |number| {
        if let Some(first) = blob.first_mut() {
            *first = number as u8;
        }
        blob.clone()
    })
}

/// Adds one to the first element.
#[node(name = "rust_nodes.step")]
fn step(mut blob: ArrayD<u8>) -> ArrayD<u8> {
    if let Some(first) = blob.first_mut() {
        *first = first.wrapping_add(1);
    }
    blob
}

/// Returns the first element.
#[node(name = "rust_nodes.first")]
fn first(blob: ArrayD<u8>) -> Option<u8> {
    blob.first().copied()
}

#[pymodule]
fn rust_nodes(module: &Bound<'_, PyModule>) -> PyResult<()> {
    noob_zmq_python::add_to(module)
}

//! Assets that are written in Python.

use noob_zmq::Value;
use noob_zmq::graph::Map;
use noob_zmq::node::{AssetType, NodeError, NodeType};
use pyo3::prelude::*;

use super::description::Description;
use crate::convert::{Arrays, CODEC, PythonObject, to_python};
use crate::errors::node_error;

/// Creates the type of an asset.
pub(super) fn leak(name: &str, described: &Description) -> &'static AssetType {
    let made = name.to_owned();
    AssetType::dynamic(
        described.describe(NodeType::dynamic_asset(name)),
        move |params| Python::attach(|py| make(py, &made, params)),
        |object: &mut PythonObject| Python::attach(|py| close(py, object)),
        &CODEC,
    )
}

fn make(py: Python<'_>, name: &str, params: &Map) -> Result<PythonObject, NodeError> {
    let made = || -> PyResult<_> {
        let params = to_python(py, &Value::from(params.clone()), Arrays::Copied)?;
        let assets = py.import("noob_zmq._assets")?;
        let made = assets.call_method1("make", (name, params))?;
        let (object, closing) = made.extract()?;
        Ok(PythonObject { object, closing })
    };
    made().map_err(|error| node_error(py, &error))
}

/// Closes an asset that has a function for it.
fn close(py: Python<'_>, object: &PythonObject) -> Result<(), NodeError> {
    if object.closing == 0 {
        return Ok(());
    }
    let closed = || -> PyResult<()> {
        let assets = py.import("noob_zmq._assets")?;
        assets.call_method1("close", (object.closing,))?;
        Ok(())
    };
    closed().map_err(|error| node_error(py, &error))
}

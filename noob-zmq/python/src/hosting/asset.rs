//! Assets that are written in Python.

use noob_zmq::Value;
use noob_zmq::graph::Map;
use noob_zmq::node::{AssetType, DynamicArgument, DynamicNodeType, NodeError, NodeType};
use pyo3::prelude::*;

use super::description::Description;
use crate::convert::{Arrays, CODEC, PythonObject, to_python};
use crate::errors::node_error;

/// Creates the type of an asset.
pub(super) fn leak(name: &str, described: &Description) -> &'static AssetType {
    of(name, described.describe(NodeType::dynamic_asset(name)))
}

/// Creates the type of an asset in the process of a node, where the tube was checked already.
///
/// Nothing is imported: the event loop asks for the types of the objects that it receives.
pub(super) fn leak_unseen(name: &str) -> &'static AssetType {
    let any = DynamicArgument::new("kwargs", "Any").optional();
    of(name, NodeType::dynamic_asset(name).more_params(any))
}

fn of(name: &str, described: DynamicNodeType) -> &'static AssetType {
    let made = name.to_owned();
    AssetType::dynamic(
        described,
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
        Ok(PythonObject::new(object, closing))
    };
    made().map_err(|error| node_error(py, &error))
}

/// Closes an asset that has a function for it.
fn close(py: Python<'_>, object: &mut PythonObject) -> Result<(), NodeError> {
    let mut closed = || -> PyResult<()> {
        let number = object.to_close(py)?;
        if number > 0 {
            let assets = py.import("noob_zmq._assets")?;
            assets.call_method1("close", (number,))?;
        }
        object.after_close(py)
    };
    closed().map_err(|error| node_error(py, &error))
}

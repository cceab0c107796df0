//! Nodes that make and open objects of another language.

use noob_zmq::graph::{Opaque, Value};
use noob_zmq::node;
use noob_zmq::node::NodeError;

/// Kind of the objects.
pub const KIND: &str = "sealed";

/// An object that holds a number, and so many bytes beside it.
#[node(name = "test.seal")]
pub fn seal(value: i64, #[slot(default = 10)] size: u64) -> Value {
    let filler = vec![value.to_le_bytes()[0]; usize::try_from(size).unwrap_or_default()];
    let buffers = vec![filler.into(), noob_zmq::graph::Bytes::new()];
    Opaque::new(KIND, value.to_le_bytes().to_vec())
        .with_buffers(buffers)
        .into()
}

/// The number that an object holds.
#[node(name = "test.unseal")]
pub fn unseal(value: Value) -> Result<i64, NodeError> {
    let no = |why: &str| NodeError::new(why);
    let object = value.as_opaque().ok_or_else(|| no("not sealed"))?;
    if &*object.kind != KIND || object.buffers.len() != 2 {
        return Err(no("sealed otherwise"));
    }
    let data: [u8; 8] = object.data[..].try_into()?;
    if object.buffers[0].iter().any(|byte| *byte != data[0]) {
        return Err(no("the seal is broken"));
    }
    Ok(i64::from_le_bytes(data))
}

//! Makes one live node of any kind; a `type: tube` gets a [`SyncRunner`](super::SyncRunner) of its
//! own.

use super::nested_tube::NestedTube;
use crate::graph::{Plan, ReplaySource, SharedTypes, Tube, TubeNode, TubeNodeKind};
use crate::node::special::Map;
use crate::node::{Node, NodeError, Registry};
use crate::runner::node_factory::make_gather;

/// Makes a live node: one of the tube language, or one of the types that the tube
/// was checked against.
///
/// # Errors
/// A type that this program does not have, or params that the type does not take. A `return` is no
/// live node.
pub(crate) fn make_node(
    types: &SharedTypes,
    plan: &Plan,
    node: &TubeNode,
) -> Result<Box<dyn Node>, NodeError> {
    if let Some(source) = &node.replay {
        return make_replay(node, source);
    }
    match node.kind {
        TubeNodeKind::Map => Ok(Box::new(Map::new(node.id.clone()))),
        TubeNodeKind::Gather => Ok(Box::new(make_gather(plan, node)?)),
        TubeNodeKind::Typed => Registry::of_types(types)?
            .lookup(&node.type_name)?
            .build(&node.params),
        TubeNodeKind::Tube => match &node.child {
            Some(child) => Ok(Box::new(NestedTube::new(Tube::clone(child))?)),
            None => Err(NodeError::new(format!(
                "the node `{}` holds no tube",
                node.id
            ))),
        },
        TubeNodeKind::Return => Err(NodeError::new("a `return` is made by the runner itself")),
    }
}

/// Makes the node that stands for a recorded one.
#[cfg(feature = "record")]
fn make_replay(node: &TubeNode, source: &ReplaySource) -> Result<Box<dyn Node>, NodeError> {
    Ok(Box::new(crate::record::ReplayNode::new(node, source)))
}

/// Returns an error: this program cannot read records.
#[cfg(not(feature = "record"))]
fn make_replay(node: &TubeNode, source: &ReplaySource) -> Result<Box<dyn Node>, NodeError> {
    Err(NodeError::new(format!(
        "the node `{}` is replayed from `{}`, and this program cannot read records: build it with \
         the feature `record`",
        node.id, source.file
    )))
}

//! Makes the live nodes of a tube, and says where they stand in it.

use crate::graph::{Epoch, Plan, Tube, TubeNode, TubeNodeKind};
use crate::node::special::{Gather, Map};
use crate::node::{Node, NodeError, Registry};
use crate::runner::nested_tube::NestedTube;
use crate::runner::{NodeFailure, Phase, RunError};

/// Makes a live node: of the tube language, or of the types of this program.
///
/// # Errors
/// A type that this program does not have, or params that it does not take. A `return` is no live node.
pub(crate) fn make_node(plan: &Plan, node: &TubeNode) -> Result<Box<dyn Node>, NodeError> {
    match node.kind {
        TubeNodeKind::Map => Ok(Box::new(Map::new(node.id.clone()))),
        TubeNodeKind::Gather => {
            let map = plan.node_index(&node.id).and_then(|ix| plan.map_above(ix));
            let map = map.map(|map| plan.node_name(map).clone());
            Ok(Box::new(Gather::new(&node.params, map)?))
        }
        TubeNodeKind::Typed => Registry::get()?
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

/// An error of a node, with its place in the tube.
pub(crate) fn failure(
    tube: &Tube,
    node: &str,
    phase: Phase,
    epoch: Option<Epoch>,
    error: NodeError,
) -> RunError {
    RunError::Node(Box::new(NodeFailure {
        node: node.into(),
        place: tube.node_at(node),
        phase,
        epoch,
        error,
    }))
}

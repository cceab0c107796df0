//! Enables and disables nodes of a tube that is loaded.

use noob_zmq_spec::suggest::nearest;

use super::RunError;
use crate::graph::{NodeIx, Plan, Tube, TubeNodeKind};

/// Returns the tube with a node enabled or disabled; `None` if the tube is so already.
///
/// # Errors
/// A node that the tube does not have; one that would close a cycle, or lie below two maps of which
/// neither lies below the other.
pub(super) fn with_node_enabled(
    tube: &Tube,
    id: &str,
    enabled: bool,
) -> Result<Option<Tube>, RunError> {
    let Some(node) = tube.nodes.get(id) else {
        return Err(RunError::UnknownNode {
            tube: tube.id.clone(),
            node: id.into(),
            nearest: nearest(id, tube.nodes.keys()).cloned(),
        });
    };
    if node.enabled == enabled {
        return Ok(None);
    }
    let mut changed = tube.clone();
    if let Some(node) = changed.nodes.get_mut(id) {
        node.enabled = enabled;
    }
    let plan = Plan::new(&changed);
    let stuck = changed.nodes.values().find(|node| {
        let ix = plan.node_index(&node.id);
        node.enabled && ix.is_some_and(|ix| plan.is_blocked(ix))
    });
    match stuck {
        Some(stuck) => Err(RunError::CannotEnable {
            node: id.into(),
            blocked: stuck.id.clone(),
        }),
        None => Ok(Some(changed)),
    }
}

/// Returns the gathers that a change of the plan puts below another map: the items that they have
/// gathered belong to epochs that no longer exist.
pub(super) fn moved_gathers(tube: &Tube, before: &Plan, after: &Plan) -> Vec<NodeIx> {
    let map =
        |plan: &Plan, node: NodeIx| plan.map_above(node).map(|map| plan.node_name(map).clone());
    let gathers = tube
        .nodes
        .values()
        .filter(|node| node.kind == TubeNodeKind::Gather)
        .filter_map(|node| after.node_index(&node.id));
    gathers
        .filter(|gather| map(before, *gather) != map(after, *gather))
        .collect()
}

//! Enables and disables nodes of a tube that is loaded.

use std::sync::Arc;

use noob_zmq_spec::suggest::nearest;

use super::RunError;
use crate::graph::{Name, NodeIx, Plan, Tube, TubeNodeKind};

/// Plan to enable or disable a node: made once, and applied by all that run the tube.
///
/// No epoch is open meanwhile, nor is one opened until the plan was applied.
#[derive(Debug, Clone)]
pub(crate) struct Reconfigure {
    /// Tube after the change.
    pub(crate) tube: Arc<Tube>,
    pub(crate) node: Name,
    /// Whether the node is to be enabled.
    pub(crate) enabled: bool,
    /// First epoch after the change.
    pub(crate) first_epoch: u32,
}

/// Returns the plan to enable or disable a node; `None` if the tube is so already.
///
/// # Errors
/// A node that the tube does not have; one that would close a cycle, or lie below two maps of which
/// neither lies below the other.
pub(super) fn plan_node_enabled(
    tube: &Tube,
    id: &str,
    enabled: bool,
    first_epoch: u32,
) -> Result<Option<Reconfigure>, RunError> {
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
        None => Ok(Some(Reconfigure {
            tube: Arc::new(changed),
            node: id.into(),
            enabled,
            first_epoch,
        })),
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

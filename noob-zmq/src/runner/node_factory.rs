//! Makes the live nodes of a tube, and locates their failures in it.

use crate::graph::{Epoch, NodeIx, Plan, Role, Tube, TubeNode};
use crate::node::special::Gather;
use crate::node::{Node, NodeError};
use crate::runner::assets::with_assets;
use crate::runner::enablement::moved_gathers;
use crate::runner::node_end::with_end;
use crate::runner::panic_guard::catch_panic;
use crate::runner::{NodeFailure, Phase, RunError};

/// Makes a gather; its map follows from the plan.
///
/// # Errors
/// Params that a gather does not take.
pub(crate) fn make_gather(plan: &Plan, node: &TubeNode) -> Result<Gather, NodeError> {
    let map = plan.node_index(&node.id).and_then(|ix| plan.map_above(ix));
    let map = map.map(|map| plan.node_name(map).clone());
    Gather::new(&node.params, map)
}

/// Makes the live nodes of a tube by `make`, in the order of the plan, each with its node-scoped
/// assets and its end; `None` stands for the `return`, and for the inputs.
///
/// # Errors
/// The error or panic of `make`, with the node and its place.
pub(crate) fn make_nodes(
    tube: &Tube,
    plan: &Plan,
    mut make: impl FnMut(&Plan, &TubeNode) -> Result<Box<dyn Node>, NodeError>,
) -> Result<Vec<Option<Box<dyn Node>>>, RunError> {
    let nodes = plan.nodes().map(|ix| {
        let known = tube.nodes.get(plan.node_name(ix));
        let Some(known) = known.filter(|_| plan.role(ix) != Role::Return) else {
            return Ok(None);
        };
        let made = catch_panic(|| with_assets(tube, &known.id, make(plan, known)?));
        made.map(|made| Some(with_end(tube, &known.id, made)))
            .map_err(|error| failure(tube, &known.id, Phase::Init, None, error))
    });
    nodes.collect()
}

/// A node that was made anew, and its place in the plan.
type RemadeNode = (NodeIx, Box<dyn Node>);

/// Makes the gathers anew that a change of the plan puts below another map.
///
/// # Errors
/// A gather that cannot be made.
pub(crate) fn remake_moved_gathers(
    tube: &Tube,
    before: &Plan,
    after: &Plan,
) -> Result<Vec<RemadeNode>, RunError> {
    let moved = moved_gathers(tube, before, after).into_iter();
    let nodes = moved.filter_map(|gather| Some((gather, tube.nodes.get(after.node_name(gather))?)));
    let made = nodes.map(|(gather, known)| {
        let made = make_gather(after, known);
        let made = made.map_err(|error| failure(tube, &known.id, Phase::Init, None, error))?;
        Ok((gather, Box::new(made) as Box<dyn Node>))
    });
    made.collect()
}

/// Initialises a node that is to be live, or shuts it down.
///
/// # Errors
/// An error or a panic of the node, with the node's place in the tube.
pub(crate) fn set_live(
    tube: &Tube,
    id: &str,
    node: &mut dyn Node,
    live: bool,
) -> Result<(), RunError> {
    let (phase, done) = if live {
        (Phase::Init, catch_panic(|| node.init()))
    } else {
        (Phase::Deinit, catch_panic(|| node.deinit()))
    };
    done.map_err(|error| failure(tube, id, phase, None, error))
}

/// Returns the error of a node, with its place in the tube.
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

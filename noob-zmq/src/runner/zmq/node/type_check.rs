//! Comparison of a node of the tube with the type that this program has for it: the program of the
//! runner, which has checked the tube, may be another one.

use crate::graph::{NodeTypes as _, SlotRef, Tube, TubeNode, TubeNodeKind};
use crate::node::{NodeError, Registry};

/// Checks that the type of a node has the slots and signals that the tube uses.
///
/// # Errors
/// The first that is missing. A type that this program does not have is an error where the node is
/// made.
pub(super) fn check_type(tube: &Tube, node: &TubeNode) -> Result<(), NodeError> {
    if node.kind != TubeNodeKind::Typed || node.replay.is_some() {
        return Ok(());
    }
    let resolved = Registry::of_tube(tube)?.resolve(&node.type_name, &node.params);
    let Ok(Some(signature)) = resolved else {
        return Ok(());
    };
    let missing = |what: &str, name: &str| {
        Err(NodeError::new(format!(
            "the type `{}` of this program has no {what} `{name}`, and that of the runner's \
             program has: run the same code in both",
            node.type_name
        )))
    };
    let mut signals = node.signals.iter();
    if let Some(signal) = signals.find(|signal| !signature.signals.contains(signal)) {
        return missing("signal", signal);
    }
    for edge in tube.upstream(&node.id) {
        if let SlotRef::Name(slot) = &edge.target_slot
            && !signature.more_named
            && !signature.slots.iter().any(|known| known.name == *slot)
        {
            return missing("slot", slot);
        }
    }
    Ok(())
}

//! The nodes of a tube as the compiler finds them, and the types of their slots, parameters and signals.

use crate::node::NodeType;
use crate::node::known::{self, At, KnownNode, Says};

/// A node of a tube, found by its name in the tube; `tube!` implements it for a type that it makes up.
pub trait ResolvedNode {
    /// Its types.
    type Node: KnownNode;
    /// Its description; one without a name, if there is no such node.
    const TYPE: &'static NodeType;
}

/// The type of the slot of this number.
pub type SlotOf<N, const AT: usize> =
    <<<N as ResolvedNode>::Node as KnownNode>::Slots as At<AT>>::Type;

/// The type of the parameter of this number.
pub type ParamOf<N, const AT: usize> =
    <<<N as ResolvedNode>::Node as KnownNode>::Params as At<AT>>::Type;

/// The type of what is said on the signal of this number.
pub type SignalOf<N, const AT: usize> =
    <<<N as ResolvedNode>::Node as KnownNode>::Returned as Says<AT>>::Type;

/// The number of the slot of this name.
#[must_use]
pub const fn slot_at<N: ResolvedNode>(name: &str) -> usize {
    known::slot_at(N::TYPE, name)
}

/// The number of the slot that is fed by the item of this number.
#[must_use]
pub const fn slot_by_position<N: ResolvedNode>(position: usize) -> usize {
    known::slot_by_position(N::TYPE, position)
}

/// The number of the parameter of this name.
#[must_use]
pub const fn param_at<N: ResolvedNode>(name: &str) -> usize {
    known::param_at(N::TYPE, name)
}

/// The number of the signal of this name.
#[must_use]
pub const fn signal_at<N: ResolvedNode>(name: &str) -> usize {
    known::signal_at(N::TYPE, name)
}

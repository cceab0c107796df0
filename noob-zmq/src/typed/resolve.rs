//! Nodes of a tube as the compiler resolves them, and the types of their arguments and signals.

use crate::node::NodeType;
use crate::node::macro_support::types::{self, SignalAt, SlotAt, TypedNode};

/// A node of a tube, resolved by its name. `tube!` implements the trait for a type that it writes.
pub trait ResolvedNode {
    /// Types of the node.
    type Node: TypedNode;
    /// Description of the node; one without a name, if there is no such node.
    const TYPE: &'static NodeType;
}

/// Type of the slot of this number.
pub type SlotOf<N, const AT: usize> =
    <<<N as ResolvedNode>::Node as TypedNode>::Slots as SlotAt<AT>>::Type;

/// Type of the parameter of this number.
pub type ParamOf<N, const AT: usize> =
    <<<N as ResolvedNode>::Node as TypedNode>::Params as SlotAt<AT>>::Type;

/// Type of the values on the signal of this number.
pub type SignalOf<N, const AT: usize> =
    <<<N as ResolvedNode>::Node as TypedNode>::Returned as SignalAt<AT>>::Type;

/// Returns the number of the slot of this name.
#[must_use]
pub const fn slot_at<N: ResolvedNode>(name: &str) -> usize {
    types::slot_at(N::TYPE, name)
}

/// Returns the number of the slot that is fed by the item of this number.
#[must_use]
pub const fn slot_by_position<N: ResolvedNode>(position: usize) -> usize {
    types::slot_by_position(N::TYPE, position)
}

/// Returns the number of the parameter of this name.
#[must_use]
pub const fn param_at<N: ResolvedNode>(name: &str) -> usize {
    types::param_at(N::TYPE, name)
}

/// Returns the number of the signal of this name.
#[must_use]
pub const fn signal_at<N: ResolvedNode>(name: &str) -> usize {
    types::signal_at(N::TYPE, name)
}

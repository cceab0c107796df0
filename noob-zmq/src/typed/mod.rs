//! Tubes that the compiler has checked: the items that the expansion of `tube!` uses.
//!
//! [`AssignableTo`] marks the types that slots take; implement it where serde reads a type of yours
//! from another. [`FromTube`] is implemented by runners that need a tube and nothing more, and
//! [`TypedError`] is the error of a typed tube.

mod assignable;
mod check;
mod resolve;
mod run;
#[cfg(test)]
mod tests;

pub use assignable::{AssignableTo, EdgeFallback, HasItems, TypedEdge};
pub(crate) use check::NOT_FOUND;
pub use check::{
    EmittedType, Place, edge, nothing_unfed, param, position, resolved, signal, slot,
    takes_dependencies, type_of_signal,
};
pub use resolve::{
    ParamOf, ResolvedNode, SignalOf, SlotOf, param_at, signal_at, slot_at, slot_by_position,
};
pub use run::{FromTube, TypedError, TypedErrorKind, given, gives, returned, tube};

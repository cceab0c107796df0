//! Tubes that the compiler has checked: what `tube!` makes of a tube file is written in these words.
//!
//! [`AssignableTo`] says which types go into which slots; implement it where serde reads a type of yours from another. [`FromTube`] is any runner that
//! takes a tube and nothing more; [`TypedError`] is what can go wrong between a typed tube and its runner.

mod assignable;
mod check;
mod resolve;
mod run;

pub use assignable::{AssignableTo, EdgeFallback, HasItems, TypedEdge};
pub(crate) use check::NOT_FOUND;
pub use check::{
    EmittedType, Place, edge, nothing_unfed, param, position, resolved, signal, slot,
    takes_dependencies, type_of_signal,
};
pub use resolve::{
    ParamOf, ResolvedNode, SignalOf, SlotOf, param_at, signal_at, slot_at, slot_by_position,
};
pub use run::{FromTube, TypedError, given, gives, returned, tube};

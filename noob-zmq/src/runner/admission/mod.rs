//! Admission of incoming events: one gate in front of every scheduler that is told by other
//! processes.
//!
//! Coordinator and nodes make the same checks in the same order. State machines without I/O or
//! clock; who sent a message was checked before, by the socket that received it.

mod dedup;
mod epoch_bound;
mod event_filter;
mod foreign_nodes;
mod pending_items;
mod recent_sources;
mod reject;

pub(crate) use self::dedup::GatherDedup;
pub(crate) use self::epoch_bound::OpenedEpochs;
pub(crate) use self::event_filter::{Admission, EventFilter};
pub(crate) use self::foreign_nodes::ForeignNodes;
pub(crate) use self::pending_items::Statement;
pub(crate) use self::reject::RejectReason;

/// Maximum number of events and outcomes, of values, or of states of one node that are retained
/// without proof that the node was called so often.
///
/// A `map` emits all items of a call in one message, to everybody. Until that message is here, the
/// events of a node below can be ahead by as many calls as fit into the time between the two. A
/// connection that hangs is closed, and the process with it, after a few seconds, and this is more
/// than a node can be called in them. Without a bound, a node could fill the memory of others.
pub(crate) const MAX_UNPROVEN_PER_NODE: usize = 1 << 18;

/// Signal on which a node reports its state after a call, to the runner alone.
///
/// No plan has a signal of this name.
pub(crate) const SNAPSHOT: &str = "__snapshot__";

/// Signal on which a node returns an object that it was lent, to the runner alone and in its own
/// name.
///
/// No plan has a signal of this name.
pub(crate) const RETURNED: &str = "__returned__";

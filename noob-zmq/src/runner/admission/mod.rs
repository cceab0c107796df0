//! Admission of incoming events: the checks that are made before an event reaches a scheduler.

pub(crate) mod dedup;
pub(crate) mod epoch_bound;
pub(crate) mod pending_items;

/// The signal on which a node reports its state after a call, to the runner alone.
///
/// No plan has a signal of this name.
pub(crate) const SNAPSHOT: &str = "__snapshot__";

/// The signal on which a node returns an object that it was lent, to the runner alone and in its
/// own name.
///
/// No plan has a signal of this name.
pub(crate) const RETURNED: &str = "__returned__";

//! Events: one value of one signal in one epoch.

use super::{Emit, Epoch, Name, Timestamp, Value};

/// One value of one signal in one epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Opaque; unique for its maker only.
    pub id: u64,
    /// When the node call that made it ended.
    pub timestamp: Timestamp,
    /// The node that emitted it.
    pub node_id: Name,
    /// The signal it was emitted on.
    pub signal: Name,
    /// Where it belongs.
    pub epoch: Epoch,
    /// What was said.
    pub value: Emit<Value>,
}

//! `lend`: the inputs of a call that uses shared objects.

use serde::{Deserialize, Serialize};

use crate::{
    Message,
    graph::{Epoch, Map, Name, Value},
};

/// Inputs of one call of a node that shares objects with others: the objects are leased to it.
///
/// The node calls with these values when it is ready, and publishes the state of each object with
/// its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[non_exhaustive]
pub struct Lend {
    /// The node; all nodes receive the message.
    pub node_id: Name,
    /// The epoch of the call.
    pub epoch: Epoch,
    /// Values by position.
    pub positional: Vec<Value>,
    /// Values by slot.
    pub named: Map,
}

impl Lend {
    /// Returns the inputs of the call of `node_id` in `epoch`.
    #[must_use]
    pub const fn new(node_id: Name, epoch: Epoch, positional: Vec<Value>, named: Map) -> Self {
        Self {
            node_id,
            epoch,
            positional,
            named,
        }
    }
}

//! `process`: run one epoch.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Message,
    graph::{Epoch, Map},
};

/// Order to all nodes to run one epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[non_exhaustive]
pub struct Process {
    /// The epoch; `None` leaves it to each node, which runs its first open one.
    pub epoch: Option<Epoch>,
    /// The process-scoped inputs, if there are any.
    pub input: Option<Arc<Map>>,
}

impl Process {
    /// Returns the order to run `epoch` with these process-scoped inputs.
    #[must_use]
    pub const fn new(epoch: Option<Epoch>, input: Option<Arc<Map>>) -> Self {
        Self { epoch, input }
    }
}

//! `epochs_ended`: epochs that are closed for all nodes.

use serde::{Deserialize, Serialize};

use crate::Message;

/// Notice that root epochs are closed for all nodes, also for those that never ran in them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[non_exhaustive]
pub struct EpochsEnded {
    /// The numbers of the epochs.
    pub epochs: Vec<u32>,
    /// Those of them that failed or were dropped: no event of them counts any more.
    pub failed: Vec<u32>,
}

impl EpochsEnded {
    /// Returns the notice that `epochs` are closed, of which `failed` have failed.
    #[must_use]
    pub const fn new(epochs: Vec<u32>, failed: Vec<u32>) -> Self {
        Self { epochs, failed }
    }
}

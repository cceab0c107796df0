//! `start`: run some epochs, or freely.

use serde::{Deserialize, Serialize};

use crate::Message;

/// Order to all nodes to run more epochs by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[serde(transparent)]
#[non_exhaustive]
pub struct Start {
    /// The number of epochs; `None` is until [`Stop`](super::Stop).
    ///
    /// Zero and less only change the status.
    pub count: Option<i64>,
}

impl Start {
    /// Returns the order to run `count` epochs, or to run until stopped.
    #[must_use]
    pub const fn new(count: Option<i64>) -> Self {
        Self { count }
    }
}

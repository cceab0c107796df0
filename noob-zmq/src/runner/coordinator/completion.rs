//! Channels by which results and failures reach those who wait for them.
//!
//! The only place where the coordinator meets tokio: its state machine sees two senders.

use std::sync::mpsc;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::EpochResult;
use crate::runner::RunError;

/// Sender for the result of an epoch.
#[derive(Debug)]
pub(crate) enum CompletionSender {
    /// To a reader that waits for several epochs.
    Queue(mpsc::Sender<EpochResult>),
    /// To a caller that waits for this epoch alone; its permit is released when the epoch is
    /// closed.
    Once(oneshot::Sender<EpochResult>, OwnedSemaphorePermit),
}

impl CompletionSender {
    /// Sends the result; it is dropped if the receiver has gone.
    pub(super) fn send(self, result: EpochResult) {
        match self {
            Self::Queue(queue) => drop(queue.send(result)),
            Self::Once(once, _permit) => drop(once.send(result)),
        }
    }
}

/// Sender for the failure of a start-up, or of enabling or disabling a node.
pub(crate) type FailureSender = oneshot::Sender<RunError>;

//! Reasons for which an event is rejected.

use std::fmt;

use super::MAX_UNPROVEN_PER_NODE;
use crate::graph::{Epoch, Name};
use crate::runner::error::DisplayEpoch;

/// Reason for which an event of a node is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RejectReason {
    /// The tube has no such node.
    UnknownNode,
    /// The values of this pseudo-node are emitted by the runner alone.
    EmittedByRunner(Name),
    /// The epoch is too far ahead of those that were opened.
    NotOpened {
        /// Epoch of the event.
        epoch: Epoch,
        /// Epoch after the highest that was opened, as far as is known here.
        next: u32,
    },
    /// The node has no such signal.
    UnknownSignal(Name),
    /// The node is never called in this epoch.
    NeverCalled(Epoch),
    /// Too many events wait for items that no `map` has emitted.
    TooManyPending(Epoch),
    /// A `gather` has emitted more values than its calls can have.
    TooManyValues(Epoch),
    /// The node has reported too many states of calls in closed epochs.
    TooManyStates(Epoch),
    /// The node returned an object that it was not lent.
    NotLeased {
        /// Node of the event.
        node: Name,
        /// Epoch of the event.
        epoch: Epoch,
    },
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX: usize = MAX_UNPROVEN_PER_NODE;
        match self {
            Self::UnknownNode => f.write_str("the tube has no such node"),
            Self::EmittedByRunner(node) => {
                write!(
                    f,
                    "only the runner emits values of `{node}`, and no node does"
                )
            }
            Self::NotOpened { epoch, next } => write!(
                f,
                "it is of epoch {}, and the run has opened those before {next}",
                DisplayEpoch(epoch)
            ),
            Self::UnknownSignal(signal) => write!(f, "it has no signal `{signal}`"),
            Self::NeverCalled(epoch) => write!(
                f,
                "it is of epoch {}, in which that node is never called",
                DisplayEpoch(epoch)
            ),
            Self::TooManyPending(epoch) => write!(
                f,
                "it is of epoch {}, of which no `map` has emitted anything, as in {MAX} events \
                 before it",
                DisplayEpoch(epoch)
            ),
            Self::TooManyValues(epoch) => write!(
                f,
                "it is of epoch {}, and there are {MAX} values more than known calls of that node",
                DisplayEpoch(epoch)
            ),
            Self::TooManyStates(epoch) => write!(
                f,
                "it is the state after a call in epoch {}, which is closed, as in {MAX} events \
                 before it",
                DisplayEpoch(epoch)
            ),
            Self::NotLeased { node, epoch } => write!(
                f,
                "the node `{node}` claims an object that it was not lent in epoch {}",
                DisplayEpoch(epoch)
            ),
        }
    }
}

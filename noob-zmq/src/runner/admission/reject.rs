//! Reasons for which an event is rejected.

use super::MAX_UNPROVEN_PER_NODE as MAX;
use crate::graph::{Epoch, Name};
use crate::runner::error::DisplayEpoch;

/// Reason for which an event of a node is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RejectReason {
    /// The tube has no such node.
    #[error("the tube has no such node")]
    UnknownNode,
    /// The values of this pseudo-node are emitted by the runner alone.
    #[error("only the runner emits values of `{0}`, and no node does")]
    EmittedByRunner(Name),
    /// An object of another language comes from another host.
    #[error(
        "it has an object of kind `{0}` and comes from another host, whose key has not the role \
         `objects`"
    )]
    ForeignObject(Name),
    /// The epoch is too far ahead of those that were opened.
    #[error(
        "it is of epoch {}, and the run has opened those before {next}",
        DisplayEpoch(epoch)
    )]
    NotOpened {
        /// Epoch of the event.
        epoch: Epoch,
        /// Epoch after the highest that was opened, as far as is known here.
        next: u32,
    },
    /// The node has no such signal.
    #[error("it has no signal `{0}`")]
    UnknownSignal(Name),
    /// The node keeps back a value that the run uses.
    #[error("its receipt has no value of `{0}`, which the run uses")]
    Withheld(Name),
    /// The node does not know of this node what it tells.
    #[error("it tells an outcome of `{0}` that it cannot know")]
    NotToTell(Name),
    /// The node is never called in this epoch.
    #[error(
        "it is of epoch {}, in which that node is never called",
        DisplayEpoch(.0)
    )]
    NeverCalled(Epoch),
    /// Too many events wait for items that no `map` has emitted.
    #[error(
        "it is of epoch {}, of which no `map` has emitted anything, as in {MAX} events before it",
        DisplayEpoch(.0)
    )]
    TooManyPending(Epoch),
    /// A `gather` has emitted more values than its calls can have.
    #[error(
        "it is of epoch {}, and there are {MAX} values more than known calls of that node",
        DisplayEpoch(.0)
    )]
    TooManyValues(Epoch),
    /// The node has reported too many states of calls in closed epochs.
    #[error(
        "it is the state after a call in epoch {}, which is closed, as in {MAX} events before it",
        DisplayEpoch(.0)
    )]
    TooManyStates(Epoch),
    /// The node returned an object that it was not lent.
    #[error(
        "the node `{node}` claims an object that it was not lent in epoch {}",
        DisplayEpoch(epoch)
    )]
    NotLeased {
        /// Node of the event.
        node: Name,
        /// Epoch of the event.
        epoch: Epoch,
    },
}

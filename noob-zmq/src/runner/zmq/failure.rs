//! What a node reports of its failure, as the runner's error.

use crate::node::NodeError;
use crate::runner::{NodeFailure, Phase};
use crate::wire::{Cause, Failure};

/// The failure that a node reports. A pickled exception of a Python node is never opened: all that is known is that there was one.
pub(super) fn of(failure: &Failure) -> NodeFailure {
    let node = failure.node_id.clone();
    match &failure.cause {
        Cause::Report(report) => NodeFailure {
            node,
            place: None,
            phase: report.phase,
            epoch: report.epoch.clone(),
            error: NodeError {
                message: report.message.clone(),
                chain: report.chain.clone(),
                panicked_at: report.panicked_at.clone(),
            },
        },
        Cause::Pickled(_) => NodeFailure {
            node,
            place: None,
            phase: Phase::Init,
            epoch: None,
            error: NodeError::new(
                "a Python exception (its pickle is not opened; the log of the node has it)",
            ),
        },
    }
}

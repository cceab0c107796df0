//! Converts the failure that a node reports into an error of the runner.

use crate::node::NodeError;
use crate::runner::NodeFailure;
use crate::wire::Failure;

/// Returns the failure that a node reports.
pub(super) fn of(failure: &Failure) -> NodeFailure {
    let report = &failure.report;
    NodeFailure {
        node: failure.node_id.clone(),
        place: None,
        phase: report.phase,
        epoch: report.epoch.clone(),
        error: NodeError {
            message: report.message.clone(),
            chain: report.chain.clone(),
            panicked_at: report.panicked_at.clone(),
        },
    }
}

//! Conversions between the wire's reports and the types of the runner, which know no message.

use crate::node::NodeError;
use crate::runner::NodeFailure;
use crate::runner::coordinator::RunPosition;
use crate::wire::{Failure, Resume};

impl From<&Failure> for NodeFailure {
    fn from(failure: &Failure) -> Self {
        let report = &failure.report;
        Self {
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
}

impl From<RunPosition> for Resume {
    fn from(position: RunPosition) -> Self {
        Self {
            next: position.next,
            open: position.open,
            states: position.states,
            failed: position.failed,
            disabled: position.disabled,
        }
    }
}

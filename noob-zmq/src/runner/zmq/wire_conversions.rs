//! Conversions between the wire's reports and the types of the runner, which know no message.

use crate::node::NodeError;
use crate::runner::NodeFailure;
use crate::runner::coordinator::RunPosition;
use crate::wire::{Failure, Report, Resume};

impl From<&Failure> for NodeFailure {
    fn from(failure: &Failure) -> Self {
        let report = &failure.report;
        Self {
            node: failure.node_id.clone(),
            place: None,
            phase: report.phase,
            epoch: report.epoch.clone(),
            error: error_of(report).bounded(),
        }
    }
}

fn error_of(report: &Report) -> NodeError {
    let mut error = NodeError::new(report.message.clone());
    error.chain.clone_from(&report.chain);
    error.panicked_at.clone_from(&report.panicked_at);
    if let Some(class) = &report.class {
        error = error.with_class(class.clone());
    }
    if let Some(at) = &report.at {
        error = error.with_place(at.clone());
    }
    if let Some(detail) = &report.detail {
        error = error.with_detail(detail.clone());
    }
    if let Some(attachment) = &report.attachment {
        error = error.with_attachment(attachment.clone());
    }
    error
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

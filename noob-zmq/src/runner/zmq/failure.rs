//! Converts the failure that a node reports into an error of the runner.

use crate::node::NodeError;
use crate::runner::{NodeFailure, Phase};
use crate::wire::{self, Failure};

/// Returns the failure that a node reports.
pub(super) fn of(failure: &Failure) -> NodeFailure {
    let report = &failure.report;
    NodeFailure {
        node: failure.node_id.clone(),
        place: None,
        phase: report.phase.into(),
        epoch: report.epoch.clone(),
        error: NodeError {
            message: report.message.clone(),
            chain: report.chain.clone(),
            panicked_at: report.panicked_at.clone(),
        },
    }
}

impl From<wire::Phase> for Phase {
    fn from(phase: wire::Phase) -> Self {
        match phase {
            wire::Phase::Init => Self::Init,
            wire::Phase::Process => Self::Process,
            wire::Phase::Deinit => Self::Deinit,
        }
    }
}

impl From<Phase> for wire::Phase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Init => Self::Init,
            Phase::Process => Self::Process,
            Phase::Deinit => Self::Deinit,
        }
    }
}

//! Conversions between the wire's reports and the types of the runner, which know no message.

use crate::node::NodeError;
use crate::runner::coordinator::RunPosition;
use crate::runner::{NodeFailure, Phase};
use crate::wire::{self, Failure, Resume};

impl From<&Failure> for NodeFailure {
    fn from(failure: &Failure) -> Self {
        let report = &failure.report;
        Self {
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

impl From<RunPosition> for Resume {
    fn from(position: RunPosition) -> Self {
        let RunPosition {
            next,
            open,
            states,
            failed,
            disabled,
        } = position;
        Self {
            next,
            open,
            states,
            failed,
            disabled,
        }
    }
}

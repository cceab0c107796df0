//! Carries out the coordinator's actions as messages of the command node.
//!
//! Runs on the loop of the command node.

use super::command_node::CommandNode;
use crate::graph::Epoch;
use crate::runner::coordinator::{Action, Coordinator, RunPosition};
use crate::runner::zmq::run_state::RunState;
use crate::runner::{NodeFailure, Phase};
use crate::wire::{Lend, Resume};

impl RunState {
    /// Calls the coordinator and carries out its actions.
    pub(crate) fn drive(&self, command: &CommandNode, call: impl FnOnce(&mut Coordinator)) {
        // The lock is held until the last message is queued, so that nodes receive messages in the
        // order of the decisions.
        let mut coordinator = self.coordinator();
        call(&mut coordinator);
        while let Some(action) = coordinator.poll_action() {
            perform(command, &mut coordinator, action);
        }
    }
}

fn perform(command: &CommandNode, coordinator: &mut Coordinator, action: Action) {
    let sent = match action {
        Action::Process { epoch, input } => command.process(Epoch::root(epoch), input),
        Action::Start(count) => command.start(Some(count)),
        Action::EpochsEnded { epochs, failed } => command.epochs_ended(epochs, failed),
        Action::Stop => command.stop(),
        Action::Resume(position) => command.resume(&position.into()),
        Action::Call { name, inputs, .. } => {
            let lend = Lend {
                node_id: name.clone(),
                epoch: inputs.epoch,
                positional: inputs.positional,
                named: inputs.named.to_map(),
            };
            if let Err(error) = command.lend(&lend) {
                coordinator.on_failure(NodeFailure {
                    node: name,
                    place: None,
                    phase: Phase::Process,
                    epoch: Some(lend.epoch),
                    error: error.into(),
                });
            }
            Ok(())
        }
        Action::Reject { node, reason } => {
            match command.sockets() {
                Ok(sockets) => sockets
                    .inbox
                    .reject_counters()
                    .count_invalid("inbox", &node, &reason),
                Err(_) => tracing::warn!(%node, "an event is rejected: {reason}"),
            }
            Ok(())
        }
    };
    if let Err(error) = sent {
        tracing::error!(%error, "an action of the coordinator cannot be sent to the nodes");
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

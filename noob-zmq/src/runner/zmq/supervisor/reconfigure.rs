//! Enabling and disabling of nodes between two epochs; processes stay.
//!
//! The caller makes one [`Reconfigure`] plan. The supervisor applies it to the processes, the
//! coordinator to the run, and `resume` carries it to the nodes, which apply it to themselves.

use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

use super::task::{SupervisorMsg, SupervisorTask};
use crate::actor::{Actor, Handle, Wraps};
use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::RunError;
use crate::runner::enablement::Reconfigure;
use crate::runner::zmq::command::CommandNode;

/// Sender of the outcome of a plan.
pub(crate) type Answer = mpsc::Sender<Result<(), RunError>>;

/// Return to the tube before, since a node could not be enabled.
pub(crate) struct Rollback {
    /// The plan, with the tube before the change.
    plan: Reconfigure,
    answer: Answer,
    /// Whether a process was started for the node.
    spawned: bool,
    why: RunError,
}

/// Returns the nodes of a tube that have a process.
pub(super) fn hosted_nodes(tube: &Tube) -> Vec<Name> {
    let nodes = tube.nodes.values();
    let hosted = nodes.filter(|node| node.enabled && node.kind != TubeNodeKind::Return);
    hosted.map(|node| node.id.clone()).collect()
}

impl<A> SupervisorTask<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    /// Enables or disables a node: applies the plan, starts a process if there is none, and answers
    /// when all nodes have confirmed.
    ///
    /// A node that is disabled is shut down; its process lives on.
    pub(super) fn reconfigure(
        &mut self,
        handle: &Handle<A>,
        mut plan: Reconfigure,
        answer: Answer,
    ) {
        let before = Arc::clone(&self.tube);
        let node = plan.node.clone();
        let process = self.groups.process_of(&node);
        let spawned = !self.children.contains_key(&process);
        let hosted = self.hosted.get(&process);
        if plan.enabled && !spawned && hosted.is_some_and(|nodes| !nodes.contains(&node)) {
            let why = "its group was started while it was disabled; enable it before the run, or \
                take it out of the group"
                .to_owned();
            let _ = answer.send(Err(RunError::Start { node, why }));
            return;
        }
        if spawned && !plan.enabled {
            // Nobody waits any more for another host to join for the node.
            self.liveness.remove(&node);
        }
        let failing = self.apply(handle, &plan);
        if plan.enabled && spawned && self.is_remote(&node) {
            self.start_remote(&node);
        } else if plan.enabled && spawned {
            self.remove_stale_socket(&node);
            if let Err(error) = self.spawn(&node) {
                let _ = self.state.coordinator().fail_enable(&node, error);
            }
        }
        let closed = (!plan.enabled && !spawned).then(|| node.clone());
        let confirmed = self.await_confirmed(handle, closed);
        let (state, messages) = (Arc::clone(&self.state), self.messages.clone());
        // A task of its own: the supervisor must go on watching the processes meanwhile.
        tokio::spawn(async move {
            let why = tokio::select! {
                // A failure comes first: it explains why the nodes do not confirm.
                biased;
                Ok(error) = failing => error,
                confirmed = confirmed => match confirmed {
                    Ok(()) => {
                        let outcome = state.coordinator().finish_reconfigure();
                        let _ = answer.send(outcome);
                        return;
                    }
                    Err(error) => {
                        if !plan.enabled {
                            state.coordinator().fail_run(error.clone());
                        }
                        error
                    }
                },
            };
            if plan.enabled && state.coordinator().run_failure().is_none() {
                plan.tube = before;
                let _ = messages.send(SupervisorMsg::Rollback(Rollback {
                    plan,
                    answer,
                    spawned,
                    why,
                }));
            } else {
                let _ = answer.send(Err(why));
            }
        });
    }

    /// Begins a rollback; a process that was started for the node is ended first.
    pub(super) fn roll_back(&mut self, handle: &Handle<A>, mut rollback: Rollback) {
        rollback.why = self.explain_missing(rollback.why);
        self.tube = Arc::clone(&rollback.plan.tube);
        match self.child_of(&rollback.plan.node) {
            Some(child) if rollback.spawned => {
                child.kill();
                self.pending_rollback = Some(rollback);
            }
            _ => self.announce_rollback(handle, rollback),
        }
    }

    /// Applies the tube before the change at all nodes, and then answers with the reason.
    fn announce_rollback(&mut self, handle: &Handle<A>, rollback: Rollback) {
        let failing = self.apply(handle, &rollback.plan);
        let confirmed = self.await_confirmed(handle, None);
        let state = Arc::clone(&self.state);
        tokio::spawn(async move {
            tokio::select! {
                biased;
                Ok(_) = failing => {}
                confirmed = confirmed => match confirmed {
                    Ok(()) => drop(state.coordinator().finish_reconfigure()),
                    Err(error) => state.coordinator().fail_run(error),
                },
            }
            let _ = rollback.answer.send(Err(rollback.why));
        });
    }

    /// Records the end of the process of a disabled node; if the node is enabled, another process
    /// is started.
    pub(super) fn on_disabled_exit(&mut self, handle: &Handle<A>, node: Name, how: &str) {
        self.state.coordinator().on_node_replaced(&node);
        self.forget_identity(handle, &node);
        match self.pending_rollback.take_if(|undo| undo.plan.node == node) {
            Some(rollback) => self.announce_rollback(handle, rollback),
            None => {
                tracing::warn!(%node, %how, "the process of a disabled node has ended; if it is \
                    enabled, it begins anew");
            }
        }
    }

    /// Applies a plan to the supervisor, the coordinator and the command node.
    ///
    /// Returns the receiver of the error if the node cannot be enabled, or if the run fails.
    fn apply(&mut self, handle: &Handle<A>, plan: &Reconfigure) -> oneshot::Receiver<RunError> {
        self.tube = Arc::clone(&plan.tube);
        self.first_epoch = plan.first_epoch;
        self.state.node_table().track_nodes_of(&plan.tube);
        let (failed, failing) = oneshot::channel();
        let (state, plan) = (Arc::clone(&self.state), plan.clone());
        // In one task of the event loop: no event comes between the two.
        let _ = handle.tell(move |actor| {
            let command = actor.as_mut();
            state.drive(command, |coordinator| coordinator.reconfigure(plan, failed));
            command.reset_readiness();
        });
        failing
    }

    fn await_confirmed(
        &self,
        handle: &Handle<A>,
        closed: Option<Name>,
    ) -> impl Future<Output = Result<(), RunError>> + Send + 'static {
        let (handle, ready) = (handle.clone(), hosted_nodes(&self.tube));
        let timeout = self.config.ready_timeout;
        async move {
            let closed = closed.into_iter().collect();
            CommandNode::await_states(&handle, ready, closed, timeout).await
        }
    }
}

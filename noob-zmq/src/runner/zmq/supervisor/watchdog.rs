//! Reaction of the supervisor to processes that end, do not answer, or take too long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::child::ExitReason;
use super::liveness::{Kill, ProcessFacts, is_suspicious};
use super::restart_policy::{ProcessExit, RestartDecision};
use super::stall_detector::SchedStat;
use super::task::{SupervisorMsg, SupervisorTask};
use crate::actor::{Actor, Handle, Wraps};
use crate::graph::{Epoch, Name};
use crate::runner::error::DisplayEpoch;
use crate::runner::zmq::command::CommandNode;
use crate::runner::{NodeDeath, RunError};

/// Time for which a process that was sent SIGTERM by somebody else goes on, since its runner may be
/// sent one too.
const TERMINATED_PAUSE: Duration = Duration::from_secs(1);

impl<A> SupervisorTask<A>
where
    A: Actor + Wraps<CommandNode> + 'static,
{
    /// Restarts the nodes whose process has ended, or fails the run.
    pub(super) fn on_exit(
        &mut self,
        handle: &Handle<A>,
        process: Name,
        exit: ExitReason,
        stderr: Vec<String>,
    ) {
        self.children.remove(&process);
        self.forget_start(&process);
        let hosted = self.hosted.remove(&process);
        let members = hosted.unwrap_or_else(|| vec![process.clone()]);
        let killed = self.killed.remove(&process);
        let mut how = killed.clone().unwrap_or_else(|| exit.to_string());
        if self.terminated.remove(&process).is_some() {
            how += " after it was sent SIGTERM";
        }
        if members.len() > 1 {
            how = format!(
                "{how}, and with it the whole group `{}`",
                members.join("`, `")
            );
        }
        for node in &members {
            self.liveness.remove(node);
            self.state.node_table().on_exit(node, &how);
        }
        let tube = Arc::clone(&self.tube);
        let is_enabled = |node: &Name| tube.nodes.get(node).is_some_and(|node| node.enabled);
        let (nodes, disabled): (Vec<Name>, Vec<Name>) = members.into_iter().partition(is_enabled);
        for node in disabled {
            self.on_disabled_exit(handle, node, &how);
        }
        let Some(first) = nodes.first().cloned() else {
            return;
        };
        let mut coordinator = self.state.coordinator();
        let loses_state = nodes
            .iter()
            .find(|node| coordinator.loses_state_on_exit(node));
        let blamed = loses_state.cloned().unwrap_or(first);
        let exit = ProcessExit {
            failure: killed.is_some() || exit.is_failure(),
            memory_lost: loses_state.is_some(),
            progress: coordinator.finished_epochs(),
        };
        let decision = self.restart_policy.on_exit(&process, exit);
        if let RestartDecision::Restart(pause) = decision
            && coordinator.run_failure().is_none()
        {
            for node in &nodes {
                tracing::warn!(%node, %how, ?pause, "the process of a node has ended; it is \
                    started again");
                coordinator.on_node_restarted(node, &how);
            }
            // The table has a lock of its own: no task takes both at once.
            drop(coordinator);
            for node in &nodes {
                self.state.node_table().on_restart(node);
                self.forget_identity(handle, node);
            }
            let messages = self.messages.clone();
            // A task of its own: the supervisor goes on watching the others during the pause.
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                let _ = messages.send(SupervisorMsg::Respawn { node: process });
            });
            return;
        }
        let death = NodeDeath {
            place: coordinator.place(&blamed),
            node: blamed,
            how,
            epoch: coordinator.lowest_open(),
            open: coordinator.open_epochs(),
            ready: coordinator.is_ready(),
            not_restarted: match decision {
                RestartDecision::Fail(why) => why,
                RestartDecision::Restart(_) => None,
            },
            stderr,
        };
        tracing::debug!("{death}");
        // A node that is being enabled fails to be so; otherwise the run fails.
        let mut error = Err(RunError::Died(Box::new(death)));
        for node in &nodes {
            error = error.or_else(|error| coordinator.fail_enable(node, error));
        }
        if let Err(error) = error {
            coordinator.fail_run(error);
        }
    }

    /// Has the command node forget the identification of a process that has ended.
    pub(super) fn forget_identity(&self, handle: &Handle<A>, node: &Name) {
        let node = node.clone();
        let _ = handle.tell(move |actor| actor.as_mut().forget(&node));
    }

    /// Starts the process of a node again, after the pause.
    pub(super) fn respawn(&mut self, process: &Name) {
        let mut members = self.groups.members_of(process);
        let tube = &self.tube;
        members.retain(|name| tube.nodes.get(name).is_some_and(|node| node.enabled));
        let Some(node) = members.first().cloned() else {
            return;
        };
        if self.children.contains_key(process) {
            // The node was disabled during the pause, and perhaps enabled again, with a process.
            return;
        }
        if self.is_remote(&node) {
            self.start_remote(&node);
        } else {
            for node in &members {
                self.remove_stale_socket(node);
            }
            if let Err(error) = self.spawn(&node) {
                self.state.coordinator().fail_run(error);
                return;
            }
        }
        for node in members {
            self.liveness.await_report(node, Instant::now());
        }
    }

    /// Kills a node whose call, of this epoch, takes longer than its `timeout`.
    pub(super) fn on_timeout(&mut self, handle: &Handle<A>, node: &Name, epoch: Option<Epoch>) {
        if self.killed.contains_key(&self.groups.process_of(node)) {
            return;
        }
        let timeout = self
            .tube
            .nodes
            .get(node)
            .and_then(|node| node.supervision.or(self.config.supervision).timeout)
            .unwrap_or_default();
        let within = epoch
            .as_ref()
            .map(|epoch| format!(" in epoch {}", DisplayEpoch(epoch)))
            .unwrap_or_default();
        let why = format!("was killed since its call{within} overran its `timeout` of {timeout:?}");
        if let Some(epoch) = epoch {
            let (state, node, why) = (Arc::clone(&self.state), node.clone(), why.clone());
            let _ = handle.tell(move |actor| {
                state.drive(actor.as_mut(), |coordinator| {
                    coordinator.on_timeout(&node, &epoch, &why);
                });
            });
        }
        self.kill(node, why);
    }

    /// Kills processes that are stopped, do not answer, or do not come back.
    pub(super) fn check_liveness(&mut self) {
        let now = Instant::now();
        let late = self.liveness.begin_poll(now);
        // The lock is released before `/proc` is read, which can take a while.
        let facts = {
            let mut node_table = self.state.node_table();
            node_table.postpone(late);
            node_table.facts()
        };
        let facts: Vec<ProcessFacts> = facts
            .into_iter()
            .map(|facts| ProcessFacts {
                stopped: self
                    .child_of(&facts.node)
                    .is_some_and(|child| child.is_stopped()),
                socket_thread: facts
                    .socket_thread
                    .filter(|_| is_suspicious(facts.silence))
                    .and_then(|(pid, thread)| SchedStat::of(pid, thread)),
                silence: facts.silence,
                reported: facts.reported,
                node: facts.node,
            })
            .collect();
        for Kill { node, reason } in self.liveness.poll(now, &facts) {
            self.kill(&node, reason);
        }
    }

    /// Records that the process of a node was sent SIGTERM by somebody else.
    pub(super) fn on_terminated(&mut self, node: Name) {
        self.terminated
            .entry(self.groups.process_of(&node))
            .or_insert_with(|| Some(Instant::now()));
    }

    /// Ends processes that were sent SIGTERM by somebody else, unless the run is being stopped.
    pub(super) fn end_terminated(&mut self) {
        if self.terminated.is_empty() || self.state.coordinator().is_stopping() {
            return;
        }
        for (node, since) in &mut self.terminated {
            // The runner may be sent SIGTERM too, a moment later.
            if since.is_some_and(|since| since.elapsed() > TERMINATED_PAUSE)
                && let Some(child) = self.children.get(node)
            {
                *since = None;
                child.terminate();
            }
        }
    }

    fn kill(&mut self, node: &Name, why: String) {
        if self.is_remote(node) && !self.children.contains_key(node) {
            let node = node.clone();
            let why = format!("no host has joined for it since it was lost; it {why}");
            let mut coordinator = self.state.coordinator();
            coordinator.fail_run(RunError::Start { node, why });
            return;
        }
        // The first reason stands: what follows from a kill is no reason of its own.
        let process = self.groups.process_of(node);
        if let Some(child) = self.children.get(&process)
            && !self.killed.contains_key(&process)
        {
            child.kill();
            self.killed.insert(process, why);
        }
    }
}

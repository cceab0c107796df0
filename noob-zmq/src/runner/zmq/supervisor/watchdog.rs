//! How the runner's thread watches the node processes: what it does when one ends, says nothing, or takes too long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::actor::{Actor, Handle};
use crate::graph::{Epoch, Name};
use crate::runner::error::DisplayEpoch;
use crate::runner::zmq::command::command_node::CommandNode;
use crate::runner::zmq::supervisor::child::ExitReason;
use crate::runner::zmq::supervisor::restart_policy::{ProcessExit, RestartDecision};
use crate::runner::zmq::supervisor::stall_detector::SchedStat;
use crate::runner::zmq::supervisor::task::{SupervisorMsg, SupervisorTask};
use crate::runner::{NodeDeath, RunError};

/// How many times in a row a process must be found stopped (SIGSTOP) until it is taken for that.
const STOPPED: u32 = 3;
/// How long a node may say nothing although its process is not stopped: on a machine with much to do that can take a while.
const SILENCE: Duration = Duration::from_secs(10);
/// How long it may say nothing until it is looked whether its loop is stuck: it should say something more often than that.
const QUIET: Duration = Duration::from_millis(300);

impl<A> SupervisorTask<A>
where
    A: Actor + AsMut<CommandNode> + 'static,
{
    /// The process of a node has ended, and was not meant to.
    pub(crate) fn ended(
        &mut self,
        handle: &Handle<A>,
        node: Name,
        exit: ExitReason,
        stderr: Vec<String>,
    ) {
        self.children.remove(&node);
        self.stopped.remove(&node);
        self.awaited.remove(&node);
        let killed = self.killed.remove(&node);
        let how = killed.clone().unwrap_or_else(|| exit.to_string());
        self.shared.node_table().ended(&node, &how);
        if self.tube.nodes.get(&node).is_some_and(|node| !node.enabled) {
            return self.ended_at_rest(handle, node, &how);
        }
        let mut coordinator = self.shared.coordinator();
        let ending = ProcessExit {
            failure: killed.is_some() || exit.is_failure(),
            memory_lost: coordinator.loses_state_on_exit(&node),
            progress: coordinator.finished_epochs(),
        };
        let verdict = self.supervisor.ended(&node, ending);
        if let RestartDecision::Restart(pause) = verdict
            && coordinator.run_failure().is_none()
        {
            tracing::warn!(%node, %how, ?pause, "the process of a node has ended; it is started again");
            coordinator.on_node_restarted(&node, &how);
            drop(coordinator);
            self.shared.node_table().restarting(&node);
            let gone = node.clone();
            let _ = handle.tell(move |actor| actor.as_mut().forget(&gone));
            let report = self.report.clone();
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                let _ = report.send(SupervisorMsg::Respawn { node });
            });
            return;
        }
        let death = NodeDeath {
            place: coordinator.place(&node),
            node,
            how,
            epoch: coordinator.lowest_open(),
            open: coordinator.open_epochs(),
            ready: coordinator.is_ready(),
            not_restarted: match verdict {
                RestartDecision::Fail(why) => why,
                RestartDecision::Restart(_) => None,
            },
            stderr,
        };
        tracing::debug!("{death}");
        let name = death.node.clone();
        if let Err(error) = coordinator.fail_enable(&name, RunError::Died(Box::new(death))) {
            coordinator.fail_run(error);
        }
    }

    /// The pause is over after which a node is started again.
    pub(crate) async fn respawn(&mut self, node: &Name) {
        let enabled = self.tube.nodes.get(node).is_some_and(|node| node.enabled);
        if !enabled || self.children.contains_key(node) {
            // It was disabled during the pause; and perhaps it was enabled again, and so has a process already.
            return;
        }
        if self.is_elsewhere(node) {
            self.awaited.insert(node.clone(), Instant::now());
            return;
        }
        self.clear_away(node);
        match self.spawn(node).await {
            Ok(()) => drop(self.awaited.insert(node.clone(), Instant::now())),
            Err(error) => self.shared.coordinator().fail_run(error),
        }
    }

    /// The call that a node is busy with, of this epoch, takes longer than it may.
    pub(crate) fn overran(&mut self, handle: &Handle<A>, node: &Name, epoch: Option<Epoch>) {
        if self.killed.contains_key(node) {
            return;
        }
        let timeout = self
            .tube
            .nodes
            .get(node)
            .and_then(|node| node.supervision.or(self.settings.supervision).timeout)
            .unwrap_or_default();
        let within = epoch
            .as_ref()
            .map(|epoch| format!(" in epoch {}", DisplayEpoch(epoch)))
            .unwrap_or_default();
        let why = format!("was killed since its call{within} overran its `timeout` of {timeout:?}");
        if let Some(epoch) = epoch {
            let (shared, node, why) = (Arc::clone(&self.shared), node.clone(), why.clone());
            let _ = handle.tell(move |actor| {
                shared.drive(actor.as_mut(), |coordinator| {
                    coordinator.on_timeout(&node, &epoch, &why);
                });
            });
        }
        self.kill(node, why);
    }

    /// Looks for processes that are stopped, that say nothing, or that do not come back.
    pub(crate) fn look(&mut self) {
        let mut lost: Vec<(Name, String)> = Vec::new();
        for (node, child) in &self.children {
            if !child.is_stopped() {
                self.stopped.remove(node);
                continue;
            }
            let times = self.stopped.entry(node.clone()).or_default();
            *times += 1;
            if *times == STOPPED {
                let why = "was stopped by a signal (SIGSTOP or the like), no longer answered, and was killed";
                lost.push((node.clone(), why.into()));
            }
        }
        let node_table = self.shared.node_table();
        let now = Instant::now();
        let quiet = node_table.silent(now, QUIET).into_iter().map(|node| {
            let pulse = node_table
                .thread(&node)
                .and_then(|(pid, thread)| SchedStat::of(pid, thread));
            (node, pulse)
        });
        for node in self.pulses.look(quiet) {
            let why =
                "no longer answered, with the thread that serves its sockets stuck, and was killed";
            lost.push((node, why.into()));
        }
        for node in node_table.silent(now, SILENCE) {
            let why = format!("did not say that it lives for {SILENCE:?}, and was killed");
            lost.push((node, why));
        }
        self.awaited
            .retain(|node, _| !node_table.has_reported(node));
        drop(node_table);
        for (node, since) in &self.awaited {
            if since.elapsed() > self.settings.ready_timeout {
                let why = format!(
                    "had not reported {:?} after it was started again, and was killed",
                    self.settings.ready_timeout
                );
                lost.push((node.clone(), why));
            }
        }
        for (node, why) in lost {
            self.kill(&node, why);
        }
    }

    fn kill(&mut self, node: &Name, why: String) {
        if self.is_elsewhere(node) && !self.children.contains_key(node) {
            let node = node.clone();
            let why = format!("no host has joined for it since it was lost; it {why}");
            self.shared
                .coordinator()
                .fail_run(RunError::Start { node, why });
            return;
        }
        if let Some(child) = self.children.get(node)
            && !self.killed.contains_key(node)
        {
            self.killed.insert(node.clone(), why);
            child.kill();
        }
    }
}

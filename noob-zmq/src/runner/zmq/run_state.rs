//! State of a run that its callers, its command node and its supervisor share, and the way from a
//! decision of the coordinator to a message of the command node.

use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use super::command::CommandNode;
use super::command::node_table::NodeTable;
use crate::graph::{Epoch, Value};
use crate::runner::NodeFailure;
use crate::runner::coordinator::{Action, Coordinator};
use crate::runner::watch::logs::NodeLogs;
use crate::runner::watch::report::{RunStatus, resident_memory};
use crate::runner::watch::summary::summarize;
use crate::runner::watch::taps::{Sample, Taps};
use crate::runner::watch::watcher::Watcher;
use crate::sync::lock;
use crate::wire::{EpochsEnded, Health, Lend, Process, Resume, Start, Stop};

/// Longest description of a sample, in characters.
const SUMMARY: usize = 200;

/// State of a run.
///
/// No task holds both locks at once, nor one of them across an `await`.
pub(crate) struct RunState {
    coordinator: Mutex<Coordinator>,
    node_table: Mutex<NodeTable>,
    since: Instant,
    taps: Taps,
    logs: NodeLogs,
}

impl RunState {
    pub(crate) fn new(coordinator: Coordinator, node_table: NodeTable, watcher: &Watcher) -> Self {
        Self {
            coordinator: Mutex::new(coordinator),
            node_table: Mutex::new(node_table),
            since: Instant::now(),
            taps: watcher.taps().clone(),
            logs: watcher.logs().clone(),
        }
    }

    /// Returns the status of the run, which has this name.
    pub(crate) fn status(&self, run: &str) -> RunStatus {
        let now = Instant::now();
        // No lock is held while the other is taken; a reader may see the nodes a little earlier
        // than the epochs.
        let mut status = self.node_table().status(now);
        self.coordinator().fill_status(&mut status);
        status.run = Some(run.to_owned());
        status.uptime = (now - self.since).as_secs_f64();
        status.memory = resident_memory();
        status
    }

    /// Records a health report of a node.
    pub(crate) fn on_health(&self, health: &Health) {
        // Compared now: what the node reports later is compared with newer epochs.
        let lag = self.coordinator().lag(health.newest);
        // No lock of the run is held: a tap has a lock and a queue of its own, and drops what its
        // reader does not take.
        for sample in &health.samples {
            // A peer of another make may send what it should have described.
            let summary = summarize(&sample.value).or_else(|| sample.summary.clone());
            self.taps.offer(&Sample {
                node: health.node_id.clone(),
                signal: sample.signal.clone(),
                epoch: sample.epoch.clone(),
                timestamp: sample.timestamp,
                value: if summary.is_some() {
                    Value::Null
                } else {
                    sample.value.clone()
                },
                summary: summary.map(|text| text.chars().take(SUMMARY).collect()),
                bytes: sample.bytes,
                skipped: sample.skipped,
            });
        }
        self.node_table().on_health(health, lag, Instant::now());
    }

    /// Returns the output of the nodes.
    pub(crate) const fn logs(&self) -> &NodeLogs {
        &self.logs
    }

    /// Records the number of epochs that have ended, for their rate.
    pub(crate) fn count_epochs(&self) {
        let ended = self.coordinator().finished_epochs();
        let uptime = self.since.elapsed();
        self.node_table().set_ended_epochs(uptime, ended);
    }

    // A panic under a lock ends the task that has panicked, and with it the run; whoever comes
    // afterwards still reads why, so a poisoned lock is no error.

    pub(crate) fn coordinator(&self) -> MutexGuard<'_, Coordinator> {
        lock(&self.coordinator)
    }

    pub(crate) fn node_table(&self) -> MutexGuard<'_, NodeTable> {
        lock(&self.node_table)
    }

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

/// Sends a decision of the coordinator to the nodes; runs on the loop of the command node.
fn perform(command: &CommandNode, coordinator: &mut Coordinator, action: Action) {
    let sent = match action {
        Action::Process { epoch, input } => command.send(&Process {
            epoch: Some(Epoch::root(epoch)),
            input: (!input.is_empty()).then(|| input.into()),
        }),
        Action::Start(count) => command.send(&Start {
            count: Some(count.into()),
        }),
        Action::EpochsEnded { epochs, failed } => command.send(&EpochsEnded { epochs, failed }),
        Action::Observe => command.send_observe(true),
        Action::Stop => command.send(&Stop),
        Action::Resume(position) => command.send(&Resume::from(position)),
        Action::Call { name, inputs, .. } => {
            let lend = Lend {
                node_id: name.clone(),
                epoch: inputs.epoch,
                positional: inputs.positional,
                named: inputs.named.to_map(),
            };
            if let Err(error) = command.send(&lend) {
                coordinator.on_failure(NodeFailure::of_call(name, lend.epoch, error.into()));
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

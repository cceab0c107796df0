//! Report of a run: why it failed, the results of its epochs, and the restarts of processes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::graph::{NodeIx, Scheduler, Tube};

/// Limit of the failures and restarts that are listed; all of them are counted.
const LISTED: usize = 100;

/// Report of a run since the runner was started. `Display` is for people, `serde` for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunReport {
    /// The first failure, which closed the runner.
    pub cause: Option<String>,
    /// Later failures, probably caused by the first.
    pub cascade: Vec<String>,
    /// Results of the epochs.
    pub epochs: EpochCounts,
    /// The first 100 epochs that failed or were skipped, with the reasons.
    pub epoch_failures: Vec<EpochFailure>,
    /// The first 100 restarts of processes.
    pub restarts: Vec<NodeRestart>,
    /// The number of restarts of processes.
    pub restarted: u64,
    /// Epochs that were left out of the record of the run, since the disk was slower than the run.
    #[serde(default)]
    pub unrecorded: u64,
    /// Edges that dropped events in favour of newer ones, as the tube demands.
    pub dropped: Vec<EdgeDrops>,
    /// Connections and messages of others that were rejected.
    #[serde(default)]
    pub rejected: RejectedCounts,
}

/// Connections and messages of others that were rejected; the log has a line for each, with the
/// address or the name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RejectedCounts {
    /// Connections of other hosts that were rejected.
    pub connections: u64,
    /// Links to other hosts that were cut: their key was revoked, or they sent frames that are not
    /// allowed.
    pub links: u64,
    /// Messages that could not be decoded, or that their sender must not send, at the runner and at
    /// its nodes.
    pub messages: u64,
}

/// Numbers of epochs by result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EpochCounts {
    /// Epochs that were completed.
    pub done: u64,
    /// Epochs that failed.
    pub failed: u64,
    /// Epochs that were skipped, because a node with `on_error: skip` failed.
    pub skipped: u64,
    /// Epochs that were open when the process of a node was restarted, and were run again by it.
    pub retried: u64,
    /// Epochs that were open when the run failed, and were given up.
    pub given_up: u64,
}

/// An epoch that failed or was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EpochFailure {
    /// The number of the epoch.
    pub epoch: u32,
    /// Whether the epoch was skipped (`on_error: skip`) and did not fail.
    pub skipped: bool,
    /// The reason.
    pub why: String,
}

/// A restart of a node's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodeRestart {
    /// The node.
    pub node: String,
    /// The way in which the process had ended.
    pub how: String,
    /// The lowest epoch that was open at that time.
    pub epoch: Option<u32>,
}

/// Events that an edge dropped, as the tube demands (`policy: latest`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EdgeDrops {
    /// The signal: `node.signal`.
    pub from: String,
    /// The node that did not receive the events.
    pub to: String,
    /// The number of events.
    pub events: u64,
}

impl RunReport {
    pub(crate) fn broke_down(&mut self, why: String, open: usize) {
        if self.cause.is_none() {
            self.cause = Some(why);
            self.epochs.given_up += open as u64;
        } else if self.cause.as_ref() != Some(&why)
            && !self.cascade.contains(&why)
            && self.cascade.len() < LISTED
        {
            self.cascade.push(why);
        }
    }

    pub(crate) fn epoch_lost(&mut self, epoch: u32, skipped: bool, why: String) {
        if skipped {
            self.epochs.skipped += 1;
        } else {
            self.epochs.failed += 1;
        }
        if self.epoch_failures.len() < LISTED {
            self.epoch_failures.push(EpochFailure {
                epoch,
                skipped,
                why,
            });
        }
    }

    pub(crate) fn restarted(&mut self, node: &str, how: &str, epoch: Option<u32>, open: u64) {
        self.restarted += 1;
        self.epochs.retried += open;
        if self.restarts.len() < LISTED {
            self.restarts.push(NodeRestart {
                node: node.into(),
                how: how.into(),
                epoch,
            });
        }
    }
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => writeln!(f, "the run failed: {cause}")?,
            None => writeln!(f, "the run came to its end")?,
        }
        let EpochCounts {
            done,
            failed,
            skipped,
            retried,
            given_up,
        } = self.epochs;
        write!(f, "epochs: {done} done")?;
        for (count, what) in [
            (failed, "failed"),
            (skipped, "skipped"),
            (retried, "done again after a restart"),
            (given_up, "given up"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        writeln!(f)?;
        for trouble in &self.epoch_failures {
            let fate = if trouble.skipped { "skipped" } else { "failed" };
            writeln!(f, "  epoch {} {fate}: {}", trouble.epoch, trouble.why)?;
        }
        write_unlisted(f, failed + skipped, self.epoch_failures.len())?;
        if self.restarted > 0 {
            writeln!(f, "processes started again: {}", self.restarted)?;
            for restart in &self.restarts {
                write!(f, "  `{}` {}", restart.node, restart.how)?;
                match restart.epoch {
                    Some(epoch) => writeln!(f, ", in epoch {epoch}")?,
                    None => writeln!(f)?,
                }
            }
            write_unlisted(f, self.restarted, self.restarts.len())?;
        }
        if self.unrecorded > 0 {
            let epochs = self.unrecorded;
            writeln!(
                f,
                "not recorded, since the disk was too slow: {epochs} epochs"
            )?;
        }
        for drops in &self.dropped {
            writeln!(
                f,
                "left out in favour of newer ones: {} events from {} to {}",
                drops.events, drops.from, drops.to
            )?;
        }
        let RejectedCounts {
            connections,
            links,
            messages,
        } = self.rejected;
        if self.rejected != RejectedCounts::default() {
            writeln!(
                f,
                "refused: {connections} connections; cut: {links} links; dropped: {messages} \
                 messages"
            )?;
        }
        if !self.cascade.is_empty() {
            writeln!(f, "what followed:")?;
            for followed in &self.cascade {
                writeln!(f, "  {followed}")?;
            }
        }
        Ok(())
    }
}

/// Writes how many of `all` are not among those that are listed.
fn write_unlisted(f: &mut fmt::Formatter<'_>, all: u64, listed: usize) -> fmt::Result {
    match all.saturating_sub(listed as u64) {
        0 => Ok(()),
        unlisted => writeln!(f, "  and {unlisted} more"),
    }
}

/// Warns of the values of this epoch if none is returned because a source has ended before;
/// returns whether that is so.
pub(crate) fn report_ended_source(
    tube: &Tube,
    scheduler: &Scheduler,
    returned: Option<NodeIx>,
    epoch: u32,
) -> bool {
    let source = returned.and_then(|node| scheduler.exhausted_above(node, epoch));
    if let Some(source) = source {
        let source = scheduler.plan().node_name(source);
        let returned = tube.return_node().map_or("", |node| &node.id);
        tracing::warn!(
            "the source `{source}` has ended, and the return node `{returned}` depends on it: no \
             epoch from {epoch} on returns a value, though other sources go on"
        );
    }
    source.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_cause_stands_first_and_what_followed_last() {
        let mut report = RunReport::default();
        report.epochs.done = 3;
        report.epoch_lost(1, true, "the node `a` failed".into());
        report.restarted("b", "exited with code 1", Some(2), 2);
        report.broke_down("the process of the node `c` was killed".into(), 4);
        report.broke_down("the node `d` failed".into(), 9);
        report.broke_down("the node `d` failed".into(), 9);
        assert_eq!(
            report.to_string(),
            "the run failed: the process of the node `c` was killed\n\
             epochs: 3 done, 1 skipped, 2 done again after a restart, 4 given up\n  \
             epoch 1 skipped: the node `a` failed\n\
             processes started again: 1\n  \
             `b` exited with code 1, in epoch 2\n\
             what followed:\n  \
             the node `d` failed\n"
        );
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<RunReport>(&json).unwrap(), report);
    }

    #[test]
    fn lists_are_bounded_and_counts_are_not() {
        let mut report = RunReport::default();
        for epoch in 0..250 {
            report.epoch_lost(epoch, false, "no".into());
        }
        assert_eq!(
            (report.epoch_failures.len(), report.epochs.failed),
            (100, 250)
        );
        assert!(report.to_string().contains("and 150 more"));
    }
}

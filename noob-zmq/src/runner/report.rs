//! The account of a run: why it failed, what became of its epochs, and what was started again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many troubles are listed one by one; the rest is counted.
const LISTED: usize = 100;

/// The account of what a runner has done since it was started. `Display` is for people, `serde` for programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunReport {
    /// Why the runner can run nothing more: what came first.
    pub cause: Option<String>,
    /// What failed after that, probably because of it.
    pub cascade: Vec<String>,
    /// What became of the epochs.
    pub epochs: EpochCounts,
    /// Epochs that failed or were left out, and why; the first 100 of them.
    pub epoch_failures: Vec<EpochFailure>,
    /// Processes that were started again; the first 100 of them.
    pub restarts: Vec<NodeRestart>,
    /// How many processes were started again.
    pub restarted: u64,
    /// Edges that have lost events in favour of newer ones, because the tube says so.
    pub dropped: Vec<EdgeDrops>,
    /// What came from others and was not let in, or not believed.
    #[serde(default)]
    pub rejected: RejectedCounts,
}

/// What came from others and was not let in, or not believed; the log has a line for each, with the address or the name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RejectedCounts {
    /// Connections from other hosts that were refused.
    pub connections: u64,
    /// Links to other hosts that were cut: their key was taken out, or they sent what is not passed on.
    pub links: u64,
    /// Messages that could not be read, or were not their sender's to send, at the runner and at its nodes.
    pub messages: u64,
}

/// What became of epochs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EpochCounts {
    /// Came to their end.
    pub done: u64,
    /// Failed.
    pub failed: u64,
    /// Were left out, because a node failed that has `on_error: skip`.
    pub skipped: u64,
    /// Were open when the process of a node was started again, and so were done again by it.
    pub retried: u64,
    /// Were open when the runner failed, and given up.
    pub given_up: u64,
}

/// An epoch that did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EpochFailure {
    /// Its number.
    pub epoch: u32,
    /// Whether it was left out (`on_error: skip`), or failed.
    pub skipped: bool,
    /// Why.
    pub why: String,
}

/// A process that was started again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodeRestart {
    /// The node.
    pub node: String,
    /// How its process had ended.
    pub how: String,
    /// The lowest epoch that was open then.
    pub epoch: Option<u32>,
}

/// Events that an edge has lost, because the tube says so (`policy: latest`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EdgeDrops {
    /// The signal: `node.signal`.
    pub from: String,
    /// The node that did not get them.
    pub to: String,
    /// How many.
    pub events: u64,
}

impl RunReport {
    /// Whether anything happened that somebody should hear of.
    #[must_use]
    pub fn is_eventful(&self) -> bool {
        self.cause.is_some()
            || self.epochs.failed > 0
            || self.epochs.skipped > 0
            || self.restarted > 0
            || !self.dropped.is_empty()
            || self.rejected != RejectedCounts::default()
    }

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

    pub(crate) fn dropped_by(&mut self, edges: Vec<(String, crate::graph::Name, u64)>) {
        let drops = edges.into_iter().map(|(from, to, events)| EdgeDrops {
            from,
            to: to.to_string(),
            events,
        });
        self.dropped = drops.collect();
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
        let unlisted = (failed + skipped).saturating_sub(self.epoch_failures.len() as u64);
        if unlisted > 0 {
            writeln!(f, "  and {unlisted} more")?;
        }
        if self.restarted > 0 {
            writeln!(f, "processes started again: {}", self.restarted)?;
            for restart in &self.restarts {
                write!(f, "  `{}` {}", restart.node, restart.how)?;
                match restart.epoch {
                    Some(epoch) => writeln!(f, ", in epoch {epoch}")?,
                    None => writeln!(f)?,
                }
            }
            let unlisted = self.restarted.saturating_sub(self.restarts.len() as u64);
            if unlisted > 0 {
                writeln!(f, "  and {unlisted} more")?;
            }
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
                "refused: {connections} connections; cut: {links} links; dropped: {messages} messages"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_cause_stands_first_and_what_followed_last() {
        let mut report = RunReport::default();
        assert!(!report.is_eventful());
        report.epochs.done = 3;
        report.epoch_lost(1, true, "the node `a` failed".into());
        report.restarted("b", "exited with code 1", Some(2), 2);
        report.broke_down("the process of the node `c` was killed".into(), 4);
        report.broke_down("the node `d` failed".into(), 9);
        report.broke_down("the node `d` failed".into(), 9);
        assert!(report.is_eventful());
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

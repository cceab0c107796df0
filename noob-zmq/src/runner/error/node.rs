//! Failures of nodes and of their processes.

use std::fmt;

pub use crate::graph::Phase;
use crate::graph::{Epoch, Name};
use crate::node::NodeError;

/// Failure of a node: the node returned an error or panicked.
#[derive(Clone)]
#[non_exhaustive]
pub struct NodeFailure {
    /// The node.
    pub node: Name,
    /// The place of the node in the tube: `file:line:column`.
    pub place: Option<String>,
    /// The phase in which the node failed.
    pub phase: Phase,
    /// The epoch of the call, if a call failed.
    pub epoch: Option<Epoch>,
    /// The error of the node, with the chain of causes.
    pub error: NodeError,
}

impl NodeFailure {
    /// Returns the failure of a call; its place is not known here.
    pub(crate) const fn of_call(node: Name, epoch: Epoch, error: NodeError) -> Self {
        Self {
            node,
            place: None,
            phase: Phase::Process,
            epoch: Some(epoch),
            error,
        }
    }
}

/// End of a node's process while the node was needed.
#[derive(Clone)]
#[non_exhaustive]
pub struct NodeDeath {
    /// The node.
    pub node: Name,
    /// The place of the node in the tube: `file:line:column`.
    pub place: Option<String>,
    /// The way in which the process ended: the exit code or the signal.
    pub how: String,
    /// The lowest open epoch, if one was open.
    pub epoch: Option<Epoch>,
    /// The number of open epochs, and the highest of them.
    pub open: (usize, u32),
    /// Whether all nodes had become ready, so that the run could open epochs.
    pub ready: bool,
    /// The reason why the process was not started again, where the tube or the runner says that it
    /// should be.
    pub not_restarted: Option<String>,
    /// The last lines that the process wrote to its standard output and standard error.
    pub stderr: Vec<String>,
}

/// Node that is not ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{node}` ({what})")]
#[non_exhaustive]
pub struct UnreadyNode {
    /// The node.
    pub node: Name,
    /// The step that the node waits for.
    pub what: String,
}

impl fmt::Display for NodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the node `{}`", self.node)?;
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        f.write_str(match (self.phase, &self.error.panicked_at) {
            (Phase::Init, None) => " could not start",
            (Phase::Init, Some(_)) => " panicked while it started",
            (Phase::Process, None) => " failed",
            (Phase::Process, Some(_)) => " panicked",
            (Phase::Deinit, None) => " failed while it was shut down",
            (Phase::Deinit, Some(_)) => " panicked while it was shut down",
        })?;
        if let Some(epoch) = &self.epoch {
            write!(f, " in epoch {}", DisplayEpoch(epoch))?;
        }
        f.write_str(": ")?;
        if let Some(class) = self.error.class() {
            write!(f, "{class}: ")?;
        }
        f.write_str(&self.error.message)?;
        for cause in &self.error.chain {
            write!(f, ": {cause}")?;
        }
        if let Some(at) = self.error.place() {
            write!(f, " (at {at})")?;
        }
        f.write_str(&self.error.indented_detail())
    }
}

impl std::error::Error for NodeFailure {}

impl fmt::Display for NodeDeath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the process of the node `{}`", self.node)?;
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        write!(f, " {}", self.how)?;
        if let Some(epoch) = &self.epoch {
            write!(f, " while epoch {} was waited for", DisplayEpoch(epoch))?;
            match self.open {
                (..=1, _) => {}
                (2, last) => write!(f, ", and epoch {last} after it")?,
                (open, last) => write!(f, ", and {} after it up to epoch {last}", open - 1)?,
            }
        }
        if !self.ready {
            write!(
                f,
                " before it was ready; if it never became a node: does the program's `main` begin \
            with `noob_zmq::node_process()`, or bear `#[noob_zmq::main]`?"
            )?;
        }
        if let Some(why) = &self.not_restarted {
            write!(f, "; {why}")?;
        }
        if !self.stderr.is_empty() {
            write!(f, "; its last words:")?;
            for line in &self.stderr {
                write!(f, "\n    {line}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for NodeDeath {}

/// Writes an epoch as its number and the path of its map items: `3/split[0]`.
pub(crate) struct DisplayEpoch<'a>(pub(crate) &'a Epoch);

impl fmt::Display for DisplayEpoch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.number())?;
        for segment in self.0.path() {
            write!(f, "/{}[{}]", segment.node, segment.index)?;
        }
        Ok(())
    }
}

crate::error_report::debug_as_report!(NodeFailure, NodeDeath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_death_names_the_open_epochs() {
        let text = |open| {
            let death = NodeDeath {
                node: "a".into(),
                place: None,
                how: "exited with code 7".into(),
                epoch: Some(Epoch::root(2)),
                open,
                ready: true,
                not_restarted: None,
                stderr: Vec::new(),
            };
            let text = death.to_string();
            let (_, epochs) = text.split_once("while ").unwrap();
            epochs.to_owned()
        };
        assert_eq!(text((1, 2)), "epoch 2 was waited for");
        assert_eq!(text((2, 3)), "epoch 2 was waited for, and epoch 3 after it");
        assert_eq!(
            text((4, 5)),
            "epoch 2 was waited for, and 3 after it up to epoch 5"
        );
    }
}

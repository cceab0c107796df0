//! Why a run failed.

use std::fmt;
use std::time::Duration;

use crate::graph::{Epoch, Name, ValueError};
use crate::inputs::InputError;
use crate::node::NodeError;
use crate::transport::TransportError;
pub use crate::wire::Phase;

/// Why a run failed: which node, where in the tube, in which epoch, and the chain of causes.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A node said no, or panicked.
    #[error(transparent)]
    Node(Box<NodeFailure>),
    /// An asset could not be made, or not be taken leave of.
    #[error("the asset `{asset}` ({place}) {}: {error}", match phase { Phase::Deinit => "could not be closed", _ => "could not be made" })]
    Asset {
        /// The asset.
        asset: Name,
        /// Where it stands in the tube: `file:line:column`.
        place: String,
        /// What was done with it.
        phase: Phase,
        /// What was wrong.
        error: NodeError,
    },
    /// The process of a node ended while it was needed.
    #[error(transparent)]
    Died(Box<NodeDeath>),
    /// Nodes that were not ready in time.
    #[error("after {after:?} these nodes were not ready: {}", waiting.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    NotReady {
        /// How long was waited.
        after: Duration,
        /// Which nodes, and for what each was waited.
        waiting: Vec<Waiting>,
    },
    /// The process of a node could not be started.
    #[error("cannot start a process for the node `{node}`: {why}")]
    Start {
        /// The node.
        node: Name,
        /// The reason.
        why: String,
    },
    /// An input is missing or unusable. The `source` is the [`InputError`]'s.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The tube cannot be run by this runner.
    #[error("{0}")]
    Unsupported(String),
    /// This very process is a node of another run, and its `main` went on as if it were not.
    #[error(
        "this process was started as the node `{node}` of a run, but its `main` went on to run a tube itself; \
         put `#[noob_zmq::main]` on `main`, or begin it with `if let Some(code) = noob_zmq::node_process() {{ return code; }}` (in a test binary: `noob_zmq::test_nodes!();` at its top)"
    )]
    NotANode {
        /// The node that it was started as.
        node: String,
    },
    /// The runner was closed by an earlier failure.
    #[error(
        "the runner is closed since an earlier failure; make a new one (or call `init` again). The failure: {0}"
    )]
    Closed(String),
    /// A socket or directory.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A message that could not be made or read.
    #[error("{0}")]
    Wire(String),
    /// The returned value is not of the type that the caller wants. The `source` is the
    /// [`ValueError`].
    #[error("the tube returned a value of the type {found}, not a `{expected}`: {error}")]
    Returned {
        /// The Rust type that was wanted.
        expected: &'static str,
        /// The type of the value.
        found: &'static str,
        /// Why the value is not of the Rust type.
        #[source]
        error: ValueError,
    },
    /// So many epochs in a row returned nothing that [`iter`](crate::runner::Runner::iter) gave up.
    #[error(
        "{epochs} epochs in a row returned nothing; raise the limit with `set_max_iter_loops`, or `run` a number of epochs instead"
    )]
    NothingReturned {
        /// How many.
        epochs: u64,
    },
    /// It runs freely, and cannot be asked for anything else.
    #[error("the tube runs freely since `start`; call `stop` first, or use a `RunnerHandle`")]
    RunsFreely,
    /// Every source has ended.
    #[error("every source of the tube has ended; make the runner anew to run it again")]
    Exhausted,
}

/// A node said no, or panicked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NodeFailure {
    /// The node.
    pub node: Name,
    /// Where it stands in the tube: `file:line:column`.
    pub place: Option<String>,
    /// What it was doing.
    pub phase: Phase,
    /// In which epoch.
    pub epoch: Option<Epoch>,
    /// What it said, with the chain of causes.
    pub error: NodeError,
}

/// The process of a node ended while it was needed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NodeDeath {
    /// The node.
    pub node: Name,
    /// Where it stands in the tube: `file:line:column`.
    pub place: Option<String>,
    /// How it ended: the exit code or the signal.
    pub how: String,
    /// The lowest epoch that was waited for, if one was.
    pub epoch: Option<Epoch>,
    /// How many epochs were waited for, and the highest of them.
    pub open: (usize, u32),
    /// Whether the run had begun: all nodes had become ready.
    pub ready: bool,
    /// Why it was not started again, where the tube or the runner says that it should be.
    pub not_restarted: Option<String>,
    /// The last lines that it wrote to its standard error.
    pub stderr: Vec<String>,
}

/// A node that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The node.
    pub node: Name,
    /// For what.
    pub what: String,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.node, self.what)
    }
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
        write!(f, ": {}", self.error.message)?;
        for cause in &self.error.chain {
            write!(f, ": {cause}")?;
        }
        if let Some(at) = &self.error.panicked_at {
            write!(f, " (at {at})")?;
        }
        Ok(())
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
                " before it was ready; if it never became a node: does the program's `main` begin with `noob_zmq::node_process()`, \
                 or bear `#[noob_zmq::main]`?"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_tells_how_many_epochs_were_waited_for() {
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

//! Kinds of errors of a run.

use super::RunError;

/// Kind of a [`RunError`], for a program that decides what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RunErrorKind {
    /// Code of the user failed: a node, an asset, a handler, or an event callback.
    ///
    /// Other epochs can run.
    UserCode,
    /// The process of a node could not be started, did not become ready, or ended.
    Process,
    /// The caller gave wrong inputs, named a node that there is not, or asked for a result of
    /// another type.
    Usage,
    /// The tube cannot be run in this way by this runner.
    Unsupported,
    /// The runner does something else, or the call comes out of a callback.
    Busy,
    /// The runner is not started or closed.
    Closed,
    /// The sources have ended, or returned nothing for too long.
    Ended,
    /// The operating system refused a thread, a socket or a directory, or noob-zmq is at fault.
    System,
}

impl RunError {
    /// Returns the kind of the error.
    ///
    /// ```
    /// use noob_zmq::prelude::*;
    /// use noob_zmq::runner::RunErrorKind;
    ///
    /// # fn example(runner: &mut impl Runner) -> Result<(), RunError> {
    /// match runner.process(()) {
    ///     Err(error) if error.kind() == RunErrorKind::UserCode => eprintln!("skipped: {error}"),
    ///     other => drop(other?),
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub const fn kind(&self) -> RunErrorKind {
        match self {
            Self::Node(_) | Self::Asset { .. } | Self::Handler { .. } => RunErrorKind::UserCode,
            Self::Died(_) | Self::NotReady { .. } | Self::Start { .. } | Self::Host { .. } => {
                RunErrorKind::Process
            }
            Self::Input(_)
            | Self::UnknownNode { .. }
            | Self::CannotEnable { .. }
            | Self::CannotGroup { .. }
            | Self::Placement(_)
            | Self::NotListening { .. }
            | Self::Returned { .. }
            | Self::NotANode { .. } => RunErrorKind::Usage,
            Self::NotHostable { .. }
            | Self::SharedAsset { .. }
            | Self::LocalAsset { .. }
            | Self::NoBackground => RunErrorKind::Unsupported,
            Self::InCallback | Self::RunsInBackground => RunErrorKind::Busy,
            Self::Closed { .. } => RunErrorKind::Closed,
            Self::NothingReturned { .. } | Self::Exhausted | Self::NoEpochNumbers { .. } => {
                RunErrorKind::Ended
            }
            #[cfg(feature = "record")]
            Self::Record(_) => RunErrorKind::System,
            Self::Thread { .. }
            | Self::Descriptors { .. }
            | Self::Transport(_)
            | Self::Actor { .. }
            | Self::Stalled { .. } => RunErrorKind::System,
        }
    }
}

//! Reasons for which a runner takes no calls.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::RunError;
use crate::node::NodeError;

/// Reason why a runner is closed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ClosedReason {
    /// The runner is not started.
    NotStarted,
    /// The runner was shut down, by `deinit` or by a drop, while a call waited.
    ShutDown,
    /// The runner was shut down while it was started.
    ShutDownInStart,
    /// The thread of the runner, or that of its background run, has ended.
    ThreadEnded,
    /// The thread of the background run has panicked.
    ThreadPanicked,
    /// The actor in the process of the runner has stopped, for this reason if one is known.
    ActorStopped(Option<String>),
    /// An event callback failed.
    Callback(NodeError),
    /// An earlier call failed, which was told so.
    ///
    /// The failure is the `source`.
    Failure(Arc<RunError>),
}

impl fmt::Display for ClosedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted => return f.write_str("the runner is not started; call `init`"),
            Self::ShutDown => {
                return f.write_str("the runner was shut down; call `init` to start it again");
            }
            Self::ShutDownInStart => {
                return f.write_str("the runner was shut down while it was started");
            }
            _ => f.write_str(
                "the runner is closed since an earlier failure; make a new one (or call `init` \
                 again). The failure: ",
            )?,
        }
        match self {
            Self::ThreadEnded => f.write_str("its thread has ended"),
            Self::ThreadPanicked => f.write_str("its thread has panicked"),
            Self::ActorStopped(None) => f.write_str("the command node has stopped"),
            Self::ActorStopped(Some(reason)) => {
                write!(f, "the loop of the command node ended: {reason}")
            }
            Self::Callback(error) => write!(f, "a callback failed: {error}"),
            Self::Failure(error) => write!(f, "{error}"),
            Self::NotStarted | Self::ShutDown | Self::ShutDownInStart => Ok(()),
        }
    }
}

impl Error for ClosedReason {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failure(error) => Some(error),
            _ => None,
        }
    }
}

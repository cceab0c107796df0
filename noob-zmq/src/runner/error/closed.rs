//! Reasons for which a runner takes no calls.

use std::sync::Arc;

use super::{OpenEpochs, RunError};
use crate::node::NodeError;

const FAILED: &str = "the runner is closed since an earlier failure; make a new one (or call \
    `init` again). The failure: ";

/// Reason why a runner is closed.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ClosedReason {
    /// The runner is not started.
    #[error("the runner is not started; call `init`")]
    NotStarted,
    /// The runner was shut down, by `deinit` or by a drop, while a call waited.
    #[error("the runner was shut down; call `init` to start it again")]
    ShutDown,
    /// The runner was shut down while it was started.
    #[error("the runner was shut down while it was started")]
    ShutDownInStart,
    /// The run was stopped before any node had begun the epoch; see
    /// [`Stopper::drain`](crate::runner::Stopper::drain).
    #[error("the run was stopped before this epoch had begun")]
    Stopped,
    /// The run was stopped, and these epochs were not closed in time; see
    /// [`Stopper::give_up`](crate::runner::Stopper::give_up).
    #[error("the run was stopped, and gave up {0}")]
    GivenUp(OpenEpochs),
    /// The thread of the runner, or that of its background run, has ended.
    #[error("{FAILED}its thread has ended")]
    ThreadEnded,
    /// The thread of the background run has panicked.
    #[error("{FAILED}its thread has panicked")]
    ThreadPanicked,
    /// The actor in the process of the runner has stopped, for this reason if one is known.
    #[error("{FAILED}{}", actor_stopped(.0.as_deref()))]
    ActorStopped(Option<String>),
    /// An event callback failed.
    #[error("{FAILED}a callback failed: {0}")]
    Callback(NodeError),
    /// An earlier call failed, which was told so.
    ///
    /// The failure is the `source`.
    #[error("{FAILED}{0}")]
    Failure(#[source] Arc<RunError>),
}

fn actor_stopped(reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("the loop of the command node ended: {reason}"),
        None => "the command node has stopped".to_owned(),
    }
}

crate::error_report::debug_as_report!(ClosedReason);

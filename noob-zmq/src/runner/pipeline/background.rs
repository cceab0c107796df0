//! Free run: epochs are run one after the other in the background, until somebody stops it.

use std::ops::ControlFlow;
use std::thread::JoinHandle;

use super::epoch_numbers::Drive;
use super::in_flight::Window;
use super::prefetch::{Ahead, Pace};
use crate::graph::{Epoch, Value};
use crate::runner::{RunError, Stopper};

/// What asks for epochs: the runner itself, or a thread.
#[derive(Debug)]
pub(crate) enum Asking<D> {
    /// The runner, when it is called.
    Called(Ahead<D>),
    /// A thread, which gives it back.
    Freely {
        thread: JoinHandle<(Ahead<D>, Result<u64, RunError>)>,
        stopper: Stopper,
    },
    /// The thread is being waited for, or has taken it to its grave.
    Gone,
}

impl<D> Asking<D> {
    /// What asks for epochs when the runner is called.
    ///
    /// # Errors
    /// [`RunError::RunsFreely`].
    pub(crate) fn called(&mut self) -> Result<&mut Ahead<D>, RunError> {
        match self {
            Self::Called(ahead) => Ok(ahead),
            Self::Freely { .. } => Err(RunError::RunsFreely),
            Self::Gone => Err(RunError::Closed("its thread has panicked".into())),
        }
    }

    /// Sets how much may be open.
    pub(crate) fn set_window(&mut self, set: impl FnOnce(Window) -> Window) {
        if let Self::Called(ahead) = self {
            ahead.set_window(set);
        }
    }

    /// What a tube returned, as long as it is known; nothing is known while a thread asks.
    pub(crate) fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value> {
        self.called().ok()?.collect_return(epoch)
    }

    /// The runner is shut down: whoever waits is told so already. What was fetched and not taken is gone, assets are taken leave of.
    ///
    /// # Errors
    /// What had ended a free run that nobody has stopped, or else what the assets say.
    pub(crate) fn end(&mut self) -> Result<(), RunError> {
        let ended = match self.join() {
            // Or it was ended by this.
            None | Some(Ok(_) | Err(RunError::Closed(_))) => Ok(()),
            Some(Err(error)) => Err(error),
        };
        match self {
            Self::Called(ahead) => {
                ahead.clear();
                ended.and(ahead.stop())
            }
            _ => ended,
        }
    }

    /// Ends a free run, and gives how many epochs were run in it; without one, has the next run end before it begins.
    ///
    /// # Errors
    /// What ended the free run.
    pub(crate) fn stop(&mut self, stopper: &Stopper) -> Result<u64, RunError> {
        self.join().unwrap_or_else(|| {
            stopper.stop();
            Ok(0)
        })
    }

    /// Has the thread ask for no more, if there is one, and waits until what was begun is over.
    fn join(&mut self) -> Option<Result<u64, RunError>> {
        let (thread, stopper) = match std::mem::replace(self, Self::Gone) {
            Self::Freely { thread, stopper } => (thread, stopper),
            other => {
                *self = other;
                return None;
            }
        };
        stopper.stop();
        let Ok((ahead, outcome)) = thread.join() else {
            return Some(Err(RunError::Closed("its thread has panicked".into())));
        };
        *self = Self::Called(ahead);
        // It may have ended by itself.
        stopper.take();
        Some(outcome)
    }
}

impl<D: Drive> Asking<D> {
    /// Has a thread ask from now on.
    ///
    /// # Errors
    /// It does so already; no thread to be had.
    pub(crate) fn start(&mut self, pace: Pace) -> Result<(), RunError> {
        self.called()?;
        // A stop that was meant for what came before it.
        pace.stopper.take();
        let stopper = pace.stopper.clone();
        let (give, given) = std::sync::mpsc::channel::<Ahead<D>>();
        let thread = std::thread::Builder::new()
            .name("noob-zmq-free".into())
            .spawn(move || {
                let mut ahead = given.recv().unwrap_or_default();
                let outcome = ahead.run_each(&pace, None, &mut |_| ControlFlow::Continue(()));
                (ahead, outcome)
            })
            .map_err(|error| {
                RunError::Unsupported(format!("cannot start a thread for the free run: {error}"))
            })?;
        if let Self::Called(ahead) = std::mem::replace(self, Self::Freely { thread, stopper }) {
            let _ = give.send(ahead);
        }
        Ok(())
    }
}

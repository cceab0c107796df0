//! Free run: epochs are run one after the other in the background, until somebody stops it.

use std::ops::ControlFlow;
use std::thread::JoinHandle;

use super::epoch_numbers::CoordinatorHandle;
use super::in_flight::InFlightWindow;
use super::prefetch::{Pipeline, PipelineConfig};
use crate::graph::{Epoch, Value};
use crate::runner::{ClosedReason, RunError, Stopper};

/// What asks for epochs: the runner itself, or a thread.
#[derive(Debug)]
pub(crate) enum RunMode<D> {
    /// The runner, when it is called.
    Called(Pipeline<D>),
    /// A thread, which gives it back.
    Freely {
        thread: JoinHandle<(Pipeline<D>, Result<u64, RunError>)>,
        stopper: Stopper,
    },
    /// The thread is being waited for, or has taken it to its grave.
    Gone,
}

impl<D> RunMode<D> {
    /// What asks for epochs when the runner is called.
    ///
    /// # Errors
    /// [`RunError::RunsInBackground`].
    pub(crate) fn called(&mut self) -> Result<&mut Pipeline<D>, RunError> {
        match self {
            Self::Called(pipeline) => Ok(pipeline),
            Self::Freely { .. } => Err(RunError::RunsInBackground),
            Self::Gone => Err(RunError::closed(ClosedReason::ThreadPanicked)),
        }
    }

    /// Sets how much may be open.
    pub(crate) fn set_window(&mut self, set: impl FnOnce(InFlightWindow) -> InFlightWindow) {
        if let Self::Called(pipeline) = self {
            pipeline.set_window(set);
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
            None | Some(Ok(_) | Err(RunError::Closed { .. })) => Ok(()),
            Some(Err(error)) => Err(error),
        };
        match self {
            Self::Called(pipeline) => {
                pipeline.clear();
                ended.and(pipeline.stop())
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
        let Ok((pipeline, outcome)) = thread.join() else {
            return Some(Err(RunError::closed(ClosedReason::ThreadPanicked)));
        };
        *self = Self::Called(pipeline);
        // It may have ended by itself.
        stopper.take();
        Some(outcome)
    }
}

impl<D: CoordinatorHandle> RunMode<D> {
    /// Has a thread ask from now on.
    ///
    /// # Errors
    /// It does so already; no thread to be had.
    pub(crate) fn start(&mut self, config: PipelineConfig) -> Result<(), RunError> {
        self.called()?;
        // A stop that was meant for what came before it.
        config.stopper.take();
        let stopper = config.stopper.clone();
        let (give, given) = std::sync::mpsc::channel::<Pipeline<D>>();
        let thread = std::thread::Builder::new()
            .name("noob-zmq-free".into())
            .spawn(move || {
                let mut pipeline = given.recv().unwrap_or_default();
                let outcome = pipeline.run_each(&config, None, &mut |_| ControlFlow::Continue(()));
                (pipeline, outcome)
            })
            .map_err(|error| RunError::thread("a thread for the free run", error))?;
        if let Self::Called(pipeline) = std::mem::replace(self, Self::Freely { thread, stopper }) {
            let _ = give.send(pipeline);
        }
        Ok(())
    }
}

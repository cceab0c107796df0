//! Background run: a thread runs epochs until the run is stopped by a [`Stopper`].
//!
//! The pipeline is owned either by the runner or by that thread; [`RunMode`] says by which. States
//! and transitions: `Called` → (`start`) → `Freely` → (`stop`, `deinit`) → `Called`; a thread that
//! panics leaves `Gone`.

use std::ops::ControlFlow;
use std::thread::JoinHandle;

use super::in_flight::InFlightWindow;
use super::prefetch::{Pipeline, PipelineConfig};
use super::stopper::Stopper;
use crate::runner::assets::RunScopedAssets;
use crate::runner::{ClosedReason, RunError};

/// Owner of the pipeline.
pub(crate) enum RunMode {
    /// The runner, on the thread of the caller.
    Called(Pipeline),
    /// The thread of a background run, which returns the pipeline at its end.
    Freely {
        thread: JoinHandle<(Pipeline, Result<u64, RunError>)>,
        stopper: Stopper,
    },
    /// The thread is joined right now, or has panicked.
    Gone,
}

impl RunMode {
    /// Returns the pipeline, if the runner owns it.
    ///
    /// # Errors
    /// [`RunError::RunsInBackground`].
    pub(crate) fn called(&mut self) -> Result<&mut Pipeline, RunError> {
        match self {
            Self::Called(pipeline) => Ok(pipeline),
            Self::Freely { .. } => Err(RunError::RunsInBackground),
            Self::Gone => Err(RunError::closed(ClosedReason::ThreadPanicked)),
        }
    }

    /// Changes the in-flight window.
    pub(crate) fn set_window(&mut self, set: impl FnOnce(InFlightWindow) -> InFlightWindow) {
        if let Self::Called(pipeline) = self {
            pipeline.set_window(set);
        }
    }

    /// Ends the run of a runner that is shut down: discards results, and closes the assets.
    ///
    /// The coordinator is closed before, so that no call waits any more.
    ///
    /// # Errors
    /// The error that had ended a background run which was not stopped, or else that of an asset.
    pub(crate) fn end(&mut self) -> Result<(), RunError> {
        let ended = match self.join() {
            // `Closed`: the background run was ended by this shutdown.
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

    /// Stops a background run, and returns how many epochs it has run; without one, stops the next
    /// run before its first epoch.
    ///
    /// # Errors
    /// The error that had ended the background run.
    pub(crate) fn stop(&mut self, stopper: &Stopper) -> Result<u64, RunError> {
        self.join().unwrap_or_else(|| {
            stopper.stop();
            Ok(0)
        })
    }

    /// Stops the thread, if there is one, and blocks until the epochs that are open are closed.
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
        // The thread may have ended by itself before; then the stop would hit the next run.
        stopper.take();
        Some(outcome)
    }

    /// Moves the pipeline to a thread that runs epochs until it is stopped.
    ///
    /// # Errors
    /// A background run goes on already, or no thread can be started.
    pub(crate) fn start(&mut self, config: PipelineConfig) -> Result<(), RunError> {
        self.called()?;
        // A stop that was meant for an earlier run.
        config.stopper.take();
        let stopper = config.stopper.clone();
        let (give, given) = std::sync::mpsc::channel::<Pipeline>();
        let thread = std::thread::Builder::new()
            .name("noob-zmq-free".into())
            .spawn(move || {
                let mut pipeline = given.recv().unwrap_or_else(|_| {
                    Pipeline::new(RunScopedAssets::default(), InFlightWindow::default())
                });
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

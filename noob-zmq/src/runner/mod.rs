//! What runs a tube: the [`Runner`] trait and its implementations.

mod admission;
mod assets;
mod coordinator;
mod enablement;
mod error;
mod event_ids;
mod ext;
pub(crate) mod inputs;
#[cfg(test)]
mod model_tests;
mod nested_tube;
pub(crate) mod node_factory;
mod node_layer;
pub(crate) mod panic_guard;
mod pipeline;
pub(crate) mod report;
mod sync;
mod task;
pub mod zmq;

use std::ops::ControlFlow;

pub use error::{ClosedReason, NodeDeath, NodeFailure, Phase, RunError, RunErrorKind, UnreadyNode};
pub use ext::RunnerExt;
pub use pipeline::{EpochResults, PipelinedRunner, RunnerHandle, Stopper};
pub use report::{EdgeDrops, EpochCounts, EpochFailure, NodeRestart, RejectedCounts, RunReport};
pub use sync::SyncRunner;
pub use task::{TaskBackend, TaskRunner};
pub use zmq::ZmqRunner;

use crate::graph::{Epoch, Event, Map, Value};

/// A function that is called for every event of a run.
pub type EventCallback = Box<dyn FnMut(&Event) + Send>;

/// Limit of a run: a number of epochs (of values, for an iterator), or the end of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunLimit {
    /// This many.
    Count(u64),
    /// As many as there are until every source has ended.
    UntilExhausted,
}

impl RunLimit {
    /// The number, if the run has one.
    pub(crate) const fn count(self) -> Option<u64> {
        match self {
            Self::Count(n) => Some(n),
            Self::UntilExhausted => None,
        }
    }
}

impl From<Option<u64>> for RunLimit {
    fn from(n: Option<u64>) -> Self {
        n.map_or(Self::UntilExhausted, Self::Count)
    }
}

fn collect_into(values: &mut Vec<Value>) -> impl FnMut(Value) -> ControlFlow<()> {
    |value| {
        values.push(value);
        ControlFlow::Continue(())
    }
}

/// Something that runs a tube. Every runner gives the same values in the same order.
///
/// A runner that works on several epochs at once fetches ahead of its reader. What was fetched and not taken (a reader of
/// [`iter`](Self::iter) that stops early) is not lost: the next `process` without inputs, `iter` or `run` is given it.
pub trait Runner {
    /// Starts what the tube needs and waits until all of it is ready. Does nothing if that was done already.
    ///
    /// # Errors
    /// A node that failed to start, died or did not become ready in time.
    fn init(&mut self) -> Result<(), RunError>;

    /// Ends everything that [`init`](Self::init) started. Does nothing if nothing is running.
    ///
    /// # Errors
    /// What a node said while it was shut down, or what had ended a free run that was not stopped; all of it was shut down nevertheless.
    fn deinit(&mut self) -> Result<(), RunError>;

    /// Whether [`init`](Self::init) was done and [`deinit`](Self::deinit) was not.
    fn running(&self) -> bool;

    /// Runs one epoch with these process-scoped inputs, and returns the value of the return node.
    ///
    /// Callers use [`process`](RunnerExt::process), which takes inputs of any form; its
    /// documentation says what a runner does here.
    ///
    /// # Errors
    /// As [`process`](RunnerExt::process).
    fn process_map(&mut self, inputs: Map) -> Result<Option<Value>, RunError>;

    /// Reads values of the return node, each when it is asked for, up to `limit`; see
    /// [`iter`](Self::iter) and [`iter_all`](Self::iter_all), which callers use.
    ///
    /// # Errors
    /// As [`iter`](Self::iter).
    fn iter_up_to(&mut self, limit: RunLimit) -> Result<EpochResults<'_>, RunError>;

    /// Runs epochs up to `limit`; see [`run_each`](Self::run_each) and
    /// [`run_each_all`](Self::run_each_all), which callers use.
    ///
    /// # Errors
    /// As [`run_each`](Self::run_each).
    fn run_each_up_to(
        &mut self,
        limit: RunLimit,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError>;

    /// Returns an iterator over `n` values of the return node.
    ///
    /// An epoch runs when its value is asked for. Epochs that return nothing are passed over,
    /// [`max_iter_loops`](Self::max_iter_loops) of them in a row at most. A tube without a
    /// return node yields `null` for each epoch.
    ///
    /// Exactly as many epochs run as are needed. A reader that stops reading holds the sources
    /// back: no epoch opens before the first value is asked for, and the runner never runs
    /// further ahead of the reader than the number of epochs that it has open at once. The
    /// iterator ends after an error; the runner can go on.
    ///
    /// # Errors
    /// At once: the errors of [`init`](Self::init), and an input that must be given with each
    /// `process`. As items: the errors of `process`, [`RunError::NothingReturned`], and
    /// [`RunError::Exhausted`] when the sources end before the `n`th value.
    fn iter(&mut self, n: u64) -> Result<EpochResults<'_>, RunError> {
        self.iter_up_to(RunLimit::Count(n))
    }

    /// Returns an iterator over the values of the return node until the sources end; otherwise
    /// like [`iter`](Self::iter).
    ///
    /// # Errors
    /// As [`iter`](Self::iter); sources that end are no error.
    fn iter_all(&mut self) -> Result<EpochResults<'_>, RunError> {
        self.iter_up_to(RunLimit::UntilExhausted)
    }

    /// Runs `n` epochs, and passes each returned value, in the order of the epochs, to `each`.
    ///
    /// The run ends early when `each` breaks or the sources end; neither is an error. Returns the
    /// number of epochs that ran.
    ///
    /// # Errors
    /// As `process`; values before the error were passed to `each`.
    fn run_each(
        &mut self,
        n: u64,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        self.run_each_up_to(RunLimit::Count(n), each)
    }

    /// Runs epochs until the sources end, and passes each returned value to `each`; otherwise
    /// like [`run_each`](Self::run_each).
    ///
    /// # Errors
    /// As [`run_each`](Self::run_each).
    fn run_each_all(
        &mut self,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError> {
        self.run_each_up_to(RunLimit::UntilExhausted, each)
    }

    /// Runs `n` epochs, fewer if the sources end before, and collects the returned values.
    ///
    /// # Errors
    /// As [`run_each`](Self::run_each).
    fn run(&mut self, n: u64) -> Result<Vec<Value>, RunError> {
        let mut values = Vec::new();
        self.run_each(n, &mut collect_into(&mut values))?;
        Ok(values)
    }

    /// Runs epochs until the sources end, and collects the returned values.
    ///
    /// # Errors
    /// As [`run_each`](Self::run_each).
    fn run_all(&mut self) -> Result<Vec<Value>, RunError> {
        let mut values = Vec::new();
        self.run_each_all(&mut collect_into(&mut values))?;
        Ok(values)
    }

    /// To stop a run from elsewhere, once [`init`](Self::init) was done.
    fn stopper(&self) -> Stopper;

    /// Starts a free run: epochs are run in the background, one after the other, as many at once as the window lets, until the sources end,
    /// an epoch fails, or [`stop`](Self::stop) is called. What they return goes to the callbacks alone, as part of the events. Calls
    /// [`init`](Self::init) if that was not done.
    ///
    /// Until `stop`, the runner refuses whatever else runs epochs or changes nodes ([`RunError::RunsInBackground`]); a [`RunnerHandle`] goes on. It
    /// can be started again.
    ///
    /// # Errors
    /// As [`init`](Self::init); an input that must be given with each `process`; a free run that goes on;
    /// [`RunError::NoBackground`] where the runner has no threads of its own, as [`SyncRunner`] does not.
    fn start(&mut self) -> Result<(), RunError> {
        Err(RunError::NoBackground)
    }

    /// Ends a free run: epochs that were begun are run to their end, and then it is told how many epochs there were in it.
    /// Without one, has the next `run` or `iter` end before its first epoch, and gives 0; see [`Stopper::stop`] for one that goes on.
    ///
    /// # Errors
    /// What ended the free run before this did.
    fn stop(&mut self) -> Result<u64, RunError> {
        self.stopper().stop();
        Ok(0)
    }

    /// Enables a node of the tube, from the next epoch on: it is initialised, if the runner runs. Does nothing if it is enabled.
    ///
    /// The other nodes go on as they are, and know what they knew. It waits until no epoch is open; callers from other threads wait until it is
    /// done. Epochs go on counting.
    ///
    /// # Errors
    /// A node that the tube does not have, or that cannot run in it; an error of its initialisation, after which it is disabled.
    fn enable_node(&mut self, id: &str) -> Result<(), RunError>;

    /// Disables a node of the tube, from the next epoch on: it is shut down, if the runner runs, and what depends on it does not run.
    /// Does nothing if it is disabled. A node that is enabled again begins anew, as after [`deinit`](Self::deinit) and [`init`](Self::init); over
    /// the ZMQ runner its process stays meanwhile.
    /// As for the others, see [`enable_node`](Self::enable_node).
    ///
    /// # Errors
    /// A node that the tube does not have; what it said while it was shut down, after which it is disabled nevertheless.
    fn disable_node(&mut self, id: &str) -> Result<(), RunError>;

    /// Has `callback` called for every event, after it has taken effect. Those of one node come in its order; those of an epoch have
    /// all come before its value is handed over; of epochs that are open at once, one may overtake another. A `return` says
    /// [`Emit::Nothing`](crate::graph::Emit::Nothing) in each epoch in which it was called.
    fn add_callback(&mut self, callback: EventCallback);

    /// What the tube returned in a root epoch, as long as it is known; `None` stands for the epoch that was handed over last. Known are that
    /// one, and those that are over and were not handed over yet.
    fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value>;

    /// How many epochs in a row may return nothing before [`iter`](Self::iter) gives up: 100 if nothing else was said.
    fn max_iter_loops(&self) -> u64;

    /// Says how many epochs in a row may return nothing before [`iter`](Self::iter) gives up.
    fn set_max_iter_loops(&mut self, epochs: u64);
}

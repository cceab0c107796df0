//! What runs a tube: the [`Runner`] trait and its implementations.

mod admission;
mod assets;
mod coordinator;
mod enablement;
mod error;
mod event_ids;
pub(crate) mod inputs;
#[cfg(test)]
mod model_tests;
mod nested_tube;
pub(crate) mod node_factory;
pub(crate) mod panic_guard;
mod pipeline;
pub(crate) mod report;
mod sync;
mod task;
pub mod zmq;

use std::ops::ControlFlow;

pub use error::{NodeDeath, NodeFailure, Phase, RunError, Waiting};
pub use pipeline::{EpochResults, RunnerHandle, Stopper};
pub use report::{EdgeDrops, EpochCounts, EpochFailure, NodeRestart, RejectedCounts, RunReport};
pub use sync::SyncRunner;
pub use task::TaskRunner;
pub use zmq::ZmqRunner;

use crate::graph::{Epoch, Event, Map, Value};

/// A function that is called for every event of a run.
pub type EventCallback = Box<dyn FnMut(&Event) + Send>;

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

    /// Runs one epoch with these process-scoped inputs, and gives the value of the return node; `None` if nothing happened there
    /// or the tube has no return node. Calls [`init`](Self::init) if that was not done.
    ///
    /// An input that the tube does not declare for `process` is left out, with a warning.
    ///
    /// # Errors
    /// A missing input, an error of a node, the death of a node, or [`RunError::Exhausted`] when every source has ended.
    fn process(&mut self, input: Map) -> Result<Option<Value>, RunError>;

    /// `n` values of the return node (`None`: until the sources end), each when it is asked for: epochs in which nothing was returned are
    /// passed over, [`max_iter_loops`](Self::max_iter_loops) of them in a row at most. A tube without a return gives `null` for each epoch.
    ///
    /// Exactly as many epochs are run as are needed. A reader that stops reading holds the sources back: no epoch begins before the
    /// first value is asked for, and no more are ever ahead of the reader than the runner has open at once. The iterator ends after an
    /// error; the runner can go on.
    ///
    /// # Errors
    /// At once: as [`init`](Self::init), and an input that must be given with each `process`. As items: those of
    /// [`process`](Self::process), and [`RunError::NothingReturned`]. Sources that end before the `n`th value are an error
    /// ([`RunError::Exhausted`]), and the end if no number was given.
    fn iter(&mut self, n: Option<u64>) -> Result<EpochResults<'_>, RunError>;

    /// Runs `n` epochs (`None`: until the sources end), and hands each returned value, in the order of the epochs, to `each`;
    /// ends early when that says so. Sources that end, end the run: that is no error. Gives the number of epochs that were run.
    ///
    /// # Errors
    /// As [`process`](Self::process); values before the error were handed over.
    fn run_each(
        &mut self,
        n: Option<u64>,
        each: &mut dyn FnMut(Value) -> ControlFlow<()>,
    ) -> Result<u64, RunError>;

    /// Runs `n` epochs (`None`: until the sources end) and collects what they returned.
    ///
    /// # Errors
    /// As [`process`](Self::process).
    fn run(&mut self, n: Option<u64>) -> Result<Vec<Value>, RunError> {
        let mut values = Vec::new();
        self.run_each(n, &mut |value| {
            values.push(value);
            ControlFlow::Continue(())
        })?;
        Ok(values)
    }

    /// To stop a run from elsewhere, once [`init`](Self::init) was done.
    fn stopper(&self) -> Stopper;

    /// Starts a free run: epochs are run in the background, one after the other, as many at once as the window lets, until the sources end,
    /// an epoch fails, or [`stop`](Self::stop) is called. What they return goes to the callbacks alone, as part of the events. Calls
    /// [`init`](Self::init) if that was not done.
    ///
    /// Until `stop`, the runner refuses whatever else runs epochs or changes nodes ([`RunError::RunsFreely`]); a [`RunnerHandle`] goes on. It
    /// can be started again.
    ///
    /// # Errors
    /// As [`init`](Self::init); an input that must be given with each `process`; a free run that goes on;
    /// [`RunError::Unsupported`] where the runner has no threads of its own, as [`SyncRunner`] does not.
    fn start(&mut self) -> Result<(), RunError> {
        Err(RunError::Unsupported(
            "this runner runs epochs only while it is called; use `run` or `iter`, or another runner".into(),
        ))
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

//! Runners of tubes: the [`Runner`] trait, its implementations, and their errors and reports.

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
mod node_end;
pub(crate) mod node_factory;
mod node_layer;
#[cfg(feature = "otel")]
mod otel;
pub(crate) mod panic_guard;
mod pipeline;
mod recorder;
pub(crate) mod report;
pub(crate) mod stop_signals;
mod sync;
mod task;
mod tracer;
mod tube_warnings;
pub(crate) mod wanted_values;
pub(crate) mod watch;
pub mod zmq;

use std::ops::ControlFlow;

pub use error::{
    ClosedReason, NodeDeath, NodeFailure, OpenEpochs, Phase, RunError, RunErrorKind, UnreadyNode,
};
pub use ext::RunnerExt;
pub use pipeline::{EpochResults, PipelinedRunner, RunnerHandle, Stopper};
pub use report::{EdgeDrops, EpochCounts, EpochFailure, NodeRestart, RejectedCounts, RunReport};
pub use stop_signals::StopSignals;
pub use sync::SyncRunner;
pub use task::{TaskBackend, TaskRunner};
pub use watch::{
    CallTime, EdgeStatus, Lag, NodeStatusReport, RunStatus, RunnerState, Sample, SignalStatus, Tap,
    TapEnded, Traffic, UnknownSignal, Watcher,
};
pub use zmq::ZmqRunner;

use crate::graph::{Epoch, Event, Map, Value};
#[cfg(feature = "record")]
use crate::record::{RecordCounts, Recording};

/// Function that is called for every event of a run.
pub type EventCallback = Box<dyn FnMut(&Event) + Send>;

/// Limit of a run: a number of epochs (of values, for an iterator), or the end of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunLimit {
    /// A number.
    Count(u64),
    /// All epochs until every source has ended.
    UntilExhausted,
}

impl RunLimit {
    /// Returns the number, if the limit is one.
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

/// A runner of a tube.
///
/// All runners return the same values in the same order.
///
/// The functions block the calling thread. A runner that has several epochs open runs ahead of its
/// reader; results that were not taken (by a reader of [`iter`](Self::iter) that stops early) are
/// not lost: the next `process` without inputs, `iter` or `run` receives them.
///
/// [`RunnerExt`] adds `process` with inputs of any form, and typed results; [`RunnerHandle`] is the
/// way from other threads and from asynchronous tasks.
pub trait Runner {
    /// Starts the nodes of the tube, and blocks until all of them are ready.
    ///
    /// Does nothing on a runner that is started.
    ///
    /// # Errors
    /// A node that failed to start, died or did not become ready in time.
    fn init(&mut self) -> Result<(), RunError>;

    /// Ends everything that [`init`](Self::init) started.
    ///
    /// Does nothing on a runner that is not started.
    ///
    /// # Errors
    /// The error of a node that failed to shut down, or the one that had ended a background run
    /// which was not stopped; everything was shut down nevertheless.
    fn deinit(&mut self) -> Result<(), RunError>;

    /// Returns whether the runner is started: [`init`](Self::init) was called and
    /// [`deinit`](Self::deinit) was not.
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

    /// Returns a handle that watches the runner from any thread, also while the runner is busy.
    fn watcher(&self) -> Watcher;

    /// Returns the status of the runner: of its epochs, nodes and edges.
    ///
    /// Asks no node and does not wait: nodes report several times a second.
    fn status(&self) -> RunStatus {
        self.watcher().status()
    }

    /// Returns a handle that stops a run from another thread, once [`init`](Self::init) was called.
    fn stopper(&self) -> Stopper;

    /// Starts a background run: epochs run on a thread of the runner until the sources end, an
    /// epoch fails, or [`stop`](Self::stop) is called.
    ///
    /// As many epochs are open at once as the window allows. Their values are passed to the
    /// callbacks alone, as part of the events. Calls [`init`](Self::init) if that was not done.
    /// Until `stop`, the runner rejects other calls that run epochs or change nodes
    /// ([`RunError::RunsInBackground`]); a [`RunnerHandle`] goes on. A background run can be
    /// started again.
    ///
    /// # Errors
    /// As [`init`](Self::init); an input that must be given with each `process`; a background run
    /// that goes on; [`RunError::NoBackground`] where the runner has no thread of its own, as
    /// [`SyncRunner`] does not.
    fn start(&mut self) -> Result<(), RunError> {
        Err(RunError::NoBackground)
    }

    /// Stops a background run: blocks until the open epochs are closed, and returns how many epochs
    /// it has run.
    ///
    /// Without a background run, the next `run` or `iter` ends before its first epoch, and the
    /// result is 0; see [`Stopper::stop`] for a run on another thread.
    ///
    /// # Errors
    /// The error that had ended the background run.
    fn stop(&mut self) -> Result<u64, RunError> {
        self.stopper().stop();
        Ok(0)
    }

    /// Enables a node of the tube from the next epoch on, and initialises it if the runner is
    /// started.
    ///
    /// Does nothing if the node is enabled.
    ///
    /// The other nodes keep their state, and epochs keep counting. Blocks until no epoch is open;
    /// handles on other threads wait until the change is made.
    ///
    /// # Errors
    /// A node that the tube does not have, or that cannot run in it; an error of its
    /// initialisation, after which it is disabled.
    fn enable_node(&mut self, id: &str) -> Result<(), RunError> {
        self.set_node_enabled(id, true)
    }

    /// Disables a node of the tube from the next epoch on, and shuts it down if the runner is
    /// started; nodes that depend on it do not run.
    ///
    /// Does nothing if the node is disabled.
    ///
    /// A node that is enabled again has lost its state, as after [`deinit`](Self::deinit) and
    /// [`init`](Self::init); with the ZMQ runner its process stays meanwhile. For the other nodes,
    /// see [`enable_node`](Self::enable_node).
    ///
    /// # Errors
    /// A node that the tube does not have; an error of its shutdown, after which it is disabled
    /// nevertheless.
    fn disable_node(&mut self, id: &str) -> Result<(), RunError> {
        self.set_node_enabled(id, false)
    }

    /// Enables or disables a node, as [`enable_node`](Self::enable_node) and
    /// [`disable_node`](Self::disable_node) do.
    ///
    /// # Errors
    /// As theirs.
    fn set_node_enabled(&mut self, id: &str, enabled: bool) -> Result<(), RunError>;

    /// Adds a function that is called for every event, after the event has been applied.
    ///
    /// Events of one node come in its order, and those of an epoch before the value of the epoch is
    /// returned; epochs that are open at once may overtake each other. A return node emits
    /// [`Emit::Nothing`](crate::graph::Emit::Nothing) in each epoch in which it was called.
    fn add_callback(&mut self, callback: EventCallback);

    /// Records the run from its start on: creates the file, and writes the events of the selected
    /// signals and an end marker for each epoch.
    ///
    /// [`deinit`](Self::deinit) ends the record, and returns an error if it could not be written
    /// whole. By default, the run is held back where it is faster than the disk.
    ///
    /// # Errors
    /// [`RunError::Record`]: a runner that is started or records already, a file that exists or
    /// cannot be created, and a pattern that matches no signal.
    #[cfg(feature = "record")]
    fn record(&mut self, recording: Recording) -> Result<(), RunError>;

    /// Returns the number of epochs of the record of this run, or of the last that was recorded;
    /// `None` without a record.
    #[cfg(feature = "record")]
    fn recorded(&self) -> Option<RecordCounts>;

    /// Returns the value of a root epoch, if it is known; `None` stands for the epoch that was
    /// returned last.
    ///
    /// Known are that epoch, and those that are closed and not yet returned.
    fn collect_return(&mut self, epoch: Option<&Epoch>) -> Option<Value>;

    /// Returns how many epochs in a row may return nothing before [`iter`](Self::iter) gives up:
    /// 100 by default.
    fn max_iter_loops(&self) -> u64;

    /// Sets how many epochs in a row may return nothing before [`iter`](Self::iter) gives up.
    fn set_max_iter_loops(&mut self, epochs: u64);
}

//! Running epochs from many threads and tasks at once.

use std::fmt;
use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

use super::RunError;
use super::inputs::EpochInputs;
use super::line::{Drive, Line};
use super::zmq::engine::{Outcome, Reply};
use crate::graph::{AssetScope, Map, Tube, Value};

/// Runs single epochs of a runner, from any thread or task, as many at once as there are callers. Cheap to clone.
///
/// It works while its runner is started, beside whatever that does: a run, an `iter`, a free run. Epochs get their numbers in the order of
/// the calls, and each caller is given what its own epoch returned. Callers are not held back by the window of the runner: each of them has
/// one epoch open.
///
/// ```no_run
/// use noob_zmq::runner::{Runner, ZmqRunner};
/// # fn example(tube: noob_zmq::graph::Tube) -> Result<(), noob_zmq::runner::RunError> {
/// let mut runner = ZmqRunner::new(tube);
/// runner.init()?;
/// let caller = runner.caller()?;
/// std::thread::scope(|scope| {
///     for _ in 0..8 {
///         scope.spawn(|| caller.process(Default::default()));
///     }
/// });
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Caller {
    tube: Arc<Tube>,
    line: Arc<dyn Call>,
}

/// Begins an epoch.
trait Call: Send + Sync {
    fn call(&self, inputs: EpochInputs, reply: Reply) -> Result<(), RunError>;
}

impl<D: Drive> Call for Line<D> {
    fn call(&self, inputs: EpochInputs, reply: Reply) -> Result<(), RunError> {
        self.take(1, move |engine, orders, taken| {
            engine.call(orders, taken.start, &inputs, &Vec::new(), reply);
        })?;
        Ok(())
    }
}

impl Caller {
    /// Who calls from outside of the reader's turn.
    ///
    /// # Errors
    /// A tube whose nodes share assets.
    pub(super) fn new<D: Drive>(tube: &Arc<Tube>, line: Line<D>) -> Result<Self, RunError> {
        let mut assets = tube.assets.values();
        if let Some(asset) = assets.find(|asset| asset.scope != AssetScope::Node) {
            return Err(RunError::Unsupported(format!(
                "nodes share the asset `{}` ({}), and so epochs run one after the other: use `process`, or give the asset `scope: node`",
                asset.id,
                tube.at(asset.place)
            )));
        }
        Ok(Self {
            tube: Arc::clone(tube),
            line: Arc::new(line),
        })
    }

    /// Runs one epoch with these process-scoped inputs, waits for it, and gives what it returned, as
    /// [`Runner::process`](super::Runner::process) does.
    ///
    /// # Errors
    /// As `process`, and [`RunError::Closed`] where the runner is not started, or is shut down meanwhile.
    pub fn process(&self, input: Map) -> Result<Option<Value>, RunError> {
        let inputs = EpochInputs::check(&self.tube, input)?;
        let (reply, queue) = mpsc::channel();
        self.line.call(inputs, Reply::Queue(reply))?;
        queue.recv().map_err(|_| gone())?.returned
    }

    /// The same for an asynchronous caller, of any executor. The epoch begins when this is first polled, and goes on to its end if this is
    /// dropped before.
    ///
    /// # Errors
    /// As [`process`](Self::process).
    pub async fn process_async(&self, input: Map) -> Result<Option<Value>, RunError> {
        let inputs = EpochInputs::check(&self.tube, input)?;
        let (reply, outcome) = oneshot::channel();
        self.line.call(inputs, Reply::Once(reply))?;
        let outcome: Outcome = outcome.await.map_err(|_| gone())?;
        outcome.returned
    }
}

fn gone() -> RunError {
    RunError::Closed("it was shut down".into())
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("tube", &self.tube.id)
            .finish_non_exhaustive()
    }
}

//! What runs a tube: the [`Runner`] trait and its implementations.

#[cfg(test)]
mod agreement;
mod error;
pub(crate) mod guard;
pub(crate) mod inputs;
pub(crate) mod make;
mod nested;
mod stop;
mod sync;
pub mod zmq;

use std::ops::ControlFlow;

pub use error::{NodeDeath, NodeFailure, Phase, RunError, Waiting};
pub use stop::Stopper;
pub use sync::SyncRunner;
pub use zmq::ZmqRunner;

use crate::graph::{Map, Value};

/// Something that runs a tube. Every runner gives the same values in the same order.
pub trait Runner {
    /// Starts what the tube needs and waits until all of it is ready. Does nothing if that was done already.
    ///
    /// # Errors
    /// A node that failed to start, died or did not become ready in time.
    fn init(&mut self) -> Result<(), RunError>;

    /// Runs one epoch with these process-scoped inputs, and gives the value of the return node; `None` if nothing happened there
    /// or the tube has no return node. Calls [`init`](Self::init) if that was not done.
    ///
    /// An input that the tube does not declare for `process` is left out, with a warning.
    ///
    /// # Errors
    /// A missing input, an error of a node, the death of a node, or [`RunError::Exhausted`] when every source has ended.
    fn process(&mut self, input: Map) -> Result<Option<Value>, RunError>;

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

    /// Ends everything that [`init`](Self::init) started. Does nothing if nothing is running.
    ///
    /// # Errors
    /// What a node said while it was shut down; all of it was shut down nevertheless.
    fn deinit(&mut self) -> Result<(), RunError>;

    /// To stop a run from elsewhere, once [`init`](Self::init) was done.
    fn stopper(&self) -> Stopper;

    /// Whether [`init`](Self::init) was done and [`deinit`](Self::deinit) was not.
    fn running(&self) -> bool;
}

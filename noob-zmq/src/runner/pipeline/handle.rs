//! Runs single epochs from many threads and tasks at once.
//!
//! A [`RunnerHandle`] sends its request to the coordinator from the thread of its caller, and waits
//! on a channel of its own.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use tokio::sync::oneshot;

use super::epoch_numbers::EpochNumbers;
use crate::graph::{AssetScope, Tube, Value};
use crate::inputs::IntoInputs;
use crate::runner::coordinator::{CompletionSender, EpochResult, refuse_in_callback};
use crate::runner::inputs::EpochInputs;
use crate::runner::{ClosedReason, RunError};

/// Handle that runs single epochs of a runner, from any thread or task; cheap to clone.
///
/// A handle works while its runner is started, during whatever that runs: a `run`, an `iter`, a
/// background run. Epochs are numbered in the order of the calls, and each caller receives the
/// value of its own epoch. All handles together have at most as many epochs open as the window of
/// the runner allows, in addition to those of the runner itself; further callers wait until one of
/// them is closed.
///
/// ```no_run
/// use noob_zmq::prelude::*;
/// # fn example(tube: Tube) -> Result<(), RunError> {
/// let mut runner = ZmqRunner::new(tube);
/// runner.init()?;
/// let handle = runner.runner_handle()?;
/// std::thread::scope(|scope| {
///     for _ in 0..8 {
///         scope.spawn(|| handle.process(()));
///     }
/// });
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RunnerHandle {
    tube: Arc<Tube>,
    numbers: EpochNumbers,
}

impl RunnerHandle {
    /// Returns a handle for a runner of this tube.
    ///
    /// # Errors
    /// A tube whose nodes share assets.
    pub(crate) fn new(tube: &Arc<Tube>, numbers: EpochNumbers) -> Result<Self, RunError> {
        let mut assets = tube.assets.values();
        if let Some(asset) = assets.find(|asset| asset.scope != AssetScope::Node) {
            return Err(RunError::SharedAsset {
                asset: asset.id.clone(),
                place: tube.at(asset.place),
            });
        }
        Ok(Self {
            tube: Arc::clone(tube),
            numbers,
        })
    }

    /// Runs one epoch with these process-scoped inputs, blocks until it is closed, and returns its
    /// value, as [`RunnerExt::process`](crate::runner::RunnerExt::process) does.
    ///
    /// # Errors
    /// As `process`, and [`RunError::Closed`] where the runner is not started, or is shut down
    /// meanwhile.
    pub fn process(&self, inputs: impl IntoInputs) -> Result<Option<Value>, RunError> {
        block_on(self.process_async(inputs))
    }

    /// Runs one epoch as [`process`](Self::process) does, without blocking; for any executor.
    ///
    /// The epoch is opened when the future is first polled and a permit is free. Cancel-safe in
    /// this sense: a future that is dropped later gives up the value, while the epoch runs to its
    /// end.
    ///
    /// # Errors
    /// As [`process`](Self::process).
    pub async fn process_async(&self, inputs: impl IntoInputs) -> Result<Option<Value>, RunError> {
        let inputs = EpochInputs::check(&self.tube, inputs.into_inputs()?)?;
        // Before the wait for a permit: inside a callback no permit would ever come back.
        refuse_in_callback()?;
        let permit = self.numbers.callers().acquire_owned().await;
        let permit = permit.map_err(|_| gone())?;
        let (reply, outcome) = oneshot::channel();
        self.numbers.allocate(1, move |coordinator, taken| {
            let reply = CompletionSender::Once(reply, permit);
            coordinator.submit(taken.start, &inputs, &Vec::new(), reply);
        })?;
        let outcome: EpochResult = outcome.await.map_err(|_| gone())?;
        outcome.returned
    }
}

/// Blocks this thread until the future is ready, without any runtime: the caller may be in one,
/// which would refuse to block.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn gone() -> RunError {
    RunError::closed(ClosedReason::ShutDown)
}

impl fmt::Debug for RunnerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunnerHandle")
            .field("tube", &self.tube.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::graph::Map;
    use crate::runner::pipeline::CoordinatorCall;

    #[test]
    fn callers_have_no_more_epochs_open_than_the_window_says() {
        // A way to a coordinator that stores all calls and runs none.
        let stored = Arc::new(Mutex::new(Vec::<CoordinatorCall>::new()));
        let begun = || stored.lock().unwrap().len();
        let line = EpochNumbers::new(3);
        let store = Arc::clone(&stored);
        line.open(Box::new(move |call| {
            store.lock().unwrap().push(call);
            Ok(())
        }));
        let tube =
            crate::tube::from_text("t.yaml", "noob_id: t\nnodes:\n  one: {type: return}\n", ());
        let tube = Arc::new(tube.unwrap());
        let handle = RunnerHandle::new(&tube, line.clone()).unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut calls: Vec<_> = (0..10)
            .map(|_| Box::pin(handle.process_async(Map::new())))
            .collect();
        for call in &mut calls {
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!((begun(), line.next()), (3, 3));
        // A caller gives up one; its epoch goes on and keeps its permit.
        drop(calls.remove(1));
        for call in &mut calls {
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!((begun(), line.next()), (3, 3));
        // That epoch is closed: the next may be opened.
        drop(stored.lock().unwrap().remove(1));
        for call in &mut calls {
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!((begun(), line.next()), (3, 4));
        // `hold` waits for all open epochs, and later callers wait for `hold`.
        drop(calls);
        let held = thread::scope(|scope| {
            let holding = scope.spawn(|| line.hold());
            stored.lock().unwrap().clear();
            holding.join().unwrap().unwrap()
        });
        let mut call = Box::pin(handle.process_async(Map::new()));
        assert!(call.as_mut().poll(&mut context).is_pending());
        assert_eq!((begun(), line.next()), (0, 4));
        drop(held);
        assert!(call.as_mut().poll(&mut context).is_pending());
        assert_eq!((begun(), line.next()), (1, 5));
    }

    #[test]
    fn whoever_calls_a_runner_that_is_not_started_is_refused() {
        let line = EpochNumbers::new(64);
        let tube = crate::tube::from_text("t.yaml", "noob_id: t\nnodes: {}\n", ());
        let tube = Arc::new(tube.unwrap());
        let refused = RunnerHandle::new(&tube, line).unwrap().process(Map::new());
        assert!(
            matches!(refused, Err(RunError::Closed { .. })),
            "{refused:?}"
        );
    }
}

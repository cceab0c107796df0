//! Where epochs get their numbers. The reader of a runner and those who call it from other threads stand in one line: whoever takes a number
//! tells the engine of it before the next number is taken.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::handle::block_on;
use super::in_flight::EPOCHS;
use crate::runner::coordinator::{Coordinator, refuse_in_callback};
use crate::runner::{ClosedReason, RunError};
use crate::sync::lock;

/// How the engine is reached.
pub(crate) trait CoordinatorHandle: Send + 'static {
    /// Has something done with the engine, now or soon, in the order in which it is told.
    ///
    /// # Errors
    /// The engine is gone.
    fn submit(
        &self,
        action: impl FnOnce(&mut Coordinator) + Send + 'static,
    ) -> Result<(), RunError>;
}

/// The line. Clones are the same line.
pub(crate) struct EpochNumbers<D> {
    inner: Arc<Mutex<EpochNumbersInner<D>>>,
}

struct EpochNumbersInner<D> {
    /// The first epoch that was not asked for. Epochs go on counting when a runner is started again.
    next: u32,
    /// From `init` to `deinit`.
    coordinator: Option<D>,
    /// A permit for each epoch that callers may have open.
    callers: Arc<Semaphore>,
    /// How many that are in all.
    permits: u32,
}

impl<D> Clone for EpochNumbers<D> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<D> Default for EpochNumbers<D> {
    fn default() -> Self {
        let numbers = EpochNumbersInner {
            next: 0,
            coordinator: None,
            callers: Arc::new(Semaphore::new(EPOCHS as usize)),
            permits: EPOCHS,
        };
        Self {
            inner: Arc::new(Mutex::new(numbers)),
        }
    }
}

impl<D> fmt::Debug for EpochNumbers<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.numbers();
        f.debug_struct("EpochNumbers")
            .field("next", &numbers.next)
            .field("open", &numbers.coordinator.is_some())
            .finish()
    }
}

impl<D> EpochNumbers<D> {
    fn numbers(&self) -> MutexGuard<'_, EpochNumbersInner<D>> {
        lock(&self.inner)
    }

    /// The first epoch that was not asked for.
    pub(crate) fn next(&self) -> u32 {
        self.numbers().next
    }

    /// How many epochs callers may have open from now on; one at least.
    pub(crate) fn set_max_concurrent_callers(&self, epochs: u32) {
        let permits = epochs.max(1);
        let mut numbers = self.numbers();
        numbers.callers = Arc::new(Semaphore::new(permits as usize));
        numbers.permits = permits;
    }

    /// Waits until no caller has an epoch open; until what it gives is dropped, none can begin one.
    ///
    /// # Errors
    /// The runner is gone.
    pub(crate) fn hold(&self) -> Result<OwnedSemaphorePermit, RunError> {
        let numbers = self.numbers();
        let (callers, permits) = (Arc::clone(&numbers.callers), numbers.permits);
        drop(numbers);
        block_on(callers.acquire_many_owned(permits))
            .map_err(|_| RunError::closed(ClosedReason::ShutDown))
    }

    /// A permit for each epoch that callers may have open.
    pub(crate) fn callers(&self) -> Arc<Semaphore> {
        Arc::clone(&self.numbers().callers)
    }

    /// From now on epochs can be asked for.
    pub(crate) fn open(&self, coordinator: D) {
        self.numbers().coordinator = Some(coordinator);
    }

    /// From now on whoever asks is refused.
    pub(crate) fn close(&self) {
        let coordinator = self.numbers().coordinator.take();
        // It may be the last that knows the engine, and what that does in the end may take its time.
        drop(coordinator);
    }
}

impl<D: CoordinatorHandle> EpochNumbers<D> {
    /// Takes `n` numbers, and tells the engine of them. Gives them.
    ///
    /// # Errors
    /// The runner is not started, or there are no more numbers; nothing was told.
    pub(crate) fn allocate(
        &self,
        n: u32,
        action: impl FnOnce(&mut Coordinator, Range<u32>) + Send + 'static,
    ) -> Result<Range<u32>, RunError> {
        refuse_in_callback()?;
        let mut numbers = self.numbers();
        let Some(coordinator) = &numbers.coordinator else {
            return Err(RunError::closed(ClosedReason::NotStarted));
        };
        let Some(end) = numbers.next.checked_add(n) else {
            return Err(RunError::NoEpochNumbers {
                epochs: numbers.next,
            });
        };
        let taken = numbers.next..end;
        let told = taken.clone();
        coordinator.submit(move |coordinator| action(coordinator, told))?;
        numbers.next = end;
        Ok(taken)
    }

    /// Tells the nodes that nothing more is asked for.
    pub(crate) fn stop(&self) {
        if let Some(coordinator) = &self.numbers().coordinator {
            let _ = coordinator.submit(Coordinator::stop);
        }
    }
}

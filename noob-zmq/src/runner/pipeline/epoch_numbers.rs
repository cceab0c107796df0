//! Allocates epoch numbers to the reader of a runner and to its handles.
//!
//! The coordinator receives requests in the order of the numbers: a number is allocated and sent
//! under one lock, from whatever thread calls.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::handle::block_on;
use crate::runner::coordinator::{Coordinator, refuse_in_callback};
use crate::runner::{ClosedReason, RunError};
use crate::sync::lock;

/// Call of the coordinator of a run.
pub(crate) type CoordinatorCall = Box<dyn FnOnce(&mut Coordinator) + Send>;

/// Way to the coordinator of a run.
///
/// Runs the call now or soon; calls run in their order. Fails if the run has ended.
pub(crate) type CoordinatorHandle = Box<dyn Fn(CoordinatorCall) -> Result<(), RunError> + Send>;

/// Allocator of epoch numbers, whose clones share one sequence.
#[derive(Clone)]
pub(crate) struct EpochNumbers {
    inner: Arc<Mutex<EpochNumbersInner>>,
}

struct EpochNumbersInner {
    /// First number that is free; a runner that is started again continues with it.
    next: u32,
    /// The way to the coordinator, set from `init` to `deinit`.
    coordinator: Option<CoordinatorHandle>,
    /// A permit for each epoch that handles may have open.
    callers: Arc<Semaphore>,
    /// The number of permits in all.
    permits: u32,
}

impl EpochNumbers {
    /// Creates the numbers of a runner that is not started, for this many callers at once.
    pub(crate) fn new(permits: u32) -> Self {
        let numbers = EpochNumbersInner {
            next: 0,
            coordinator: None,
            callers: Arc::new(Semaphore::new(permits as usize)),
            permits,
        };
        Self {
            inner: Arc::new(Mutex::new(numbers)),
        }
    }

    fn numbers(&self) -> MutexGuard<'_, EpochNumbersInner> {
        lock(&self.inner)
    }

    /// Returns the first epoch that was not requested.
    pub(crate) fn next(&self) -> u32 {
        self.numbers().next
    }

    /// Sets how many epochs handles may have open: at least one.
    pub(crate) fn set_max_concurrent_callers(&self, epochs: u32) {
        let permits = epochs.max(1);
        let mut numbers = self.numbers();
        numbers.callers = Arc::new(Semaphore::new(permits as usize));
        numbers.permits = permits;
    }

    /// Blocks until no handle has an epoch open; until the permit is dropped, handles open none.
    ///
    /// # Errors
    /// The runner is shut down.
    pub(crate) fn hold(&self) -> Result<OwnedSemaphorePermit, RunError> {
        let numbers = self.numbers();
        let (callers, permits) = (Arc::clone(&numbers.callers), numbers.permits);
        drop(numbers);
        block_on(callers.acquire_many_owned(permits))
            .map_err(|_| RunError::closed(ClosedReason::ShutDown))
    }

    /// Returns the semaphore with a permit for each epoch that handles may have open.
    pub(crate) fn callers(&self) -> Arc<Semaphore> {
        Arc::clone(&self.numbers().callers)
    }

    /// Lets epochs be requested from this coordinator.
    pub(crate) fn open(&self, coordinator: CoordinatorHandle) {
        self.numbers().coordinator = Some(coordinator);
    }

    /// Lets no epoch be requested any more.
    pub(crate) fn close(&self) {
        let coordinator = self.numbers().coordinator.take();
        // Dropped after the lock is released: this may be the last reference to the coordinator,
        // whose end can take time.
        drop(coordinator);
    }

    /// Allocates `n` numbers and submits `action` with them to the coordinator; returns the
    /// numbers.
    ///
    /// # Errors
    /// The runner is not started, or the numbers are used up; nothing was submitted.
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
        coordinator(Box::new(move |coordinator| action(coordinator, told)))?;
        numbers.next = end;
        Ok(taken)
    }

    /// Submits `action` to the coordinator; drops it where the runner is not started.
    pub(crate) fn tell(&self, action: impl FnOnce(&mut Coordinator) + Send + 'static) {
        if let Some(coordinator) = &self.numbers().coordinator {
            let _ = coordinator(Box::new(action));
        }
    }
}

//! Worker thread of a node process: runs the code of the node.
//!
//! The [`WorkQueue`] decides what the thread does next for a node; [`crew`] is the thread, which
//! serves all nodes of the process. Between quick calls the thread drives the event loop itself;
//! during a call that lasts, another thread does (see [`loop_driver`]), so that a node that
//! computes for a minute still answers.

pub(crate) mod crew;
pub(crate) mod loop_driver;
pub(super) mod spare_calls;
pub(super) mod work_queue;

use std::sync::{Arc, Mutex, MutexGuard};

use self::crew::{Crew, NodeWork};
use self::work_queue::{NodeCall, NodeChange, WorkQueue};
use crate::sync::lock;

/// Handle of the worker thread, for one of its nodes.
///
/// Dropping it does not block: the thread ends by itself after the calls it was given.
#[derive(Debug)]
pub(super) struct Worker {
    shared: Arc<WorkerShared>,
}

/// Parts of a node that its event loop and the worker thread share.
#[derive(Debug)]
pub(crate) struct WorkerShared {
    /// Locked only for moves of items, never while code of the node runs.
    queue: Mutex<WorkQueue>,
    crew: Arc<Crew>,
    /// Number of repetitions of a call that fails.
    retries: u32,
}

impl WorkerShared {
    fn queue(&self) -> MutexGuard<'_, WorkQueue> {
        // Held only for moves of items: no code of the node runs under the lock.
        lock(&self.queue)
    }

    fn notify_if(&self, idle: bool) {
        // Called after the lock was released: the thread would wake only to wait for it.
        if idle {
            self.crew.notify();
        }
    }
}

impl Worker {
    /// Adds a node to the thread, which makes and initialises it; a call that fails is repeated up
    /// to `retries` times, before the next call.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(super) fn start(
        crew: &Arc<Crew>,
        retries: u32,
        work: impl FnOnce(Arc<WorkerShared>) -> NodeWork,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(WorkerShared {
            queue: Mutex::default(),
            crew: Arc::clone(crew),
            retries,
        });
        crew.add(work(Arc::clone(&shared)))?;
        Ok(Self { shared })
    }

    /// Queues calls, in this order; returns how many calls have not started.
    ///
    /// If there are several, the results of some may stay in the queue until the last call is done
    /// or a slow one comes: [drain](WorkQueue::drain_results) them soon.
    pub(super) fn call(&self, calls: &mut Vec<NodeCall>) -> usize {
        let mut queue = self.shared.queue();
        let pending = queue.push_calls(calls);
        self.release(queue);
        pending
    }

    /// Locks the queue, to read it or to remove work; work is added by the methods that wake the
    /// thread.
    pub(super) fn queue(&self) -> MutexGuard<'_, WorkQueue> {
        self.shared.queue()
    }

    /// Changes the node after the running call, and drops the calls that have not started.
    pub(super) fn change(&self, change: Option<NodeChange>) {
        let mut queue = self.shared.queue();
        queue.push_change(change);
        self.release(queue);
    }

    /// Shuts the node down after the running call; returns false if the thread has ended.
    pub(super) fn deinit(&self) -> bool {
        let mut queue = self.shared.queue();
        let idle = queue.request_deinit();
        let ended = queue.has_ended();
        drop(queue);
        self.shared.notify_if(idle);
        !ended
    }

    /// Unlocks the queue, to which work was added, and notifies the thread if it waits.
    fn release(&self, mut queue: MutexGuard<'_, WorkQueue>) {
        let idle = queue.wake();
        drop(queue);
        self.shared.notify_if(idle);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let idle = self.shared.queue().abandon();
        self.shared.notify_if(idle);
    }
}

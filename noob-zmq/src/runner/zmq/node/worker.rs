//! Worker thread of a node process: runs the code of the node.
//!
//! The thread is not the one that serves sockets, so that a node that computes for a minute still
//! answers. The [`WorkQueue`] decides what the thread does next.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Instant;

use super::work_queue::{NodeChange, ResultBatch, WorkItem, WorkQueue, WorkerEvent};
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::panic_guard::catch_panic;
use crate::sync::{lock, wait};

/// Handle of the worker thread.
///
/// Dropping it does not block: the thread ends by itself after the calls it was given.
#[derive(Debug)]
pub(super) struct Worker {
    shared: Arc<WorkerShared>,
}

#[derive(Debug, Default)]
struct WorkerShared {
    /// Locked only for moves of items, never while code of the node runs.
    queue: Mutex<WorkQueue>,
    /// Notified when an idle thread has something to do.
    work_added: Condvar,
    /// Whether calls are timed.
    timed: bool,
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
            self.work_added.notify_one();
        }
    }

    fn now(&self) -> Option<Instant> {
        // Reading the clock costs some 50 ns; most runs do not ask.
        self.timed.then(Instant::now)
    }
}

impl Worker {
    /// Starts the thread, and makes and initialises the node there.
    ///
    /// `wake` is called from the thread when there are results to drain. A call that fails is
    /// repeated up to `retries` times, before the next call.
    pub(super) fn start(
        name: &str,
        timed: bool,
        retries: u32,
        make: impl FnOnce() -> Result<Box<dyn Node>, NodeError> + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(WorkerShared {
            timed,
            retries,
            ..WorkerShared::default()
        });
        let worker = WorkerThread {
            shared: Arc::clone(&shared),
            wake: Box::new(wake),
        };
        // Not joined: a node that never returns must not keep the process from ending.
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || worker.run(make))?;
        Ok(Self { shared })
    }

    /// Queues calls, in this order; returns how many calls have not started.
    ///
    /// If there are several, the results of some may stay in the queue until the last call is done
    /// or a slow one comes: [drain](WorkQueue::drain_results) them soon.
    pub(super) fn call(&self, calls: &mut Vec<Inputs>) -> usize {
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

/// State of the worker thread itself.
struct WorkerThread {
    shared: Arc<WorkerShared>,
    wake: Box<dyn Fn() + Send>,
}

impl WorkerThread {
    fn run(&self, make: impl FnOnce() -> Result<Box<dyn Node>, NodeError>) {
        let made = catch_panic(|| {
            let mut node = make()?;
            node.init()?;
            Ok(node)
        });
        match made {
            Ok(node) => {
                let first = self.push_result(WorkerEvent::Init(Ok(())), true);
                self.run_loop(node, first);
            }
            Err(error) => {
                self.push_result(WorkerEvent::Init(Err(error)), true);
            }
        }
        self.shared.queue().set_ended();
    }

    fn run_loop(&self, mut node: Box<dyn Node>, mut next: Option<WorkItem>) {
        let mut suspended = false;
        let mut batch = ResultBatch::new(Instant::now());
        loop {
            let item = next.take().unwrap_or_else(|| {
                let item = self.wait();
                batch = ResultBatch::new(Instant::now());
                item
            });
            match item {
                WorkItem::Call(inputs, failed) => {
                    let told = catch_panic(|| {
                        failed
                            .into_iter()
                            .for_each(|epoch| node.epoch_failed(epoch));
                        Ok(())
                    });
                    let outcome = told.and_then(|()| self.call(node.as_mut(), &inputs));
                    if outcome.as_ref().is_ok_and(Outputs::is_exhausted) {
                        let last = inputs.epoch.number();
                        self.shared.queue().set_last_epoch(last);
                    }
                    let due = batch.add(Instant::now());
                    next = self.push_result(WorkerEvent::Call(inputs.epoch, outcome), due);
                }
                WorkItem::Change(change) => {
                    let done = apply_change(&mut node, &mut suspended, change);
                    next = self.push_result(done, true);
                }
                WorkItem::Deinit => {
                    let outcome = if suspended {
                        Ok(())
                    } else {
                        catch_panic(|| node.deinit())
                    };
                    self.push_result(WorkerEvent::Deinit(outcome), true);
                    return;
                }
                WorkItem::Exit => return,
            }
        }
    }

    /// Makes one call, and repeats it, as often as that is allowed, if it fails.
    fn call(&self, node: &mut dyn Node, inputs: &Inputs) -> Result<Outputs, NodeError> {
        let mut attempt = 1;
        loop {
            let mut outputs = Outputs::default();
            let mut error = match catch_panic(|| node.process(inputs, &mut outputs)) {
                Ok(()) => return Ok(outputs),
                Err(error) => error,
            };
            if attempt > self.shared.retries {
                if attempt > 1 {
                    error.message = format!("{} (after {attempt} attempts)", error.message);
                }
                return Err(error);
            }
            tracing::warn!(
                epoch = %inputs.epoch,
                error = %error.message,
                attempt,
                "the call failed and is repeated"
            );
            attempt += 1;
        }
    }

    /// Waits for the next item.
    fn wait(&self) -> WorkItem {
        let mut queue = self.shared.queue();
        loop {
            // A condition variable wakes spuriously, so that the queue is asked each time.
            if let Some(item) = queue.next_item(|| self.shared.now()) {
                queue.wake();
                return item;
            }
            queue.set_idle();
            queue = wait(&self.shared.work_added, queue);
        }
    }

    /// Adds a result, wakes the event loop if that is due, and takes the next item, if there is
    /// one.
    ///
    /// Results of quick calls are announced together. While the event loop is on its way, results
    /// are added to those that it will find.
    fn push_result(&self, result: WorkerEvent, due: bool) -> Option<WorkItem> {
        // One lock for the result and the next item: this is the hot path.
        let mut queue = self.shared.queue();
        let (next, wake) = queue.finish(result, due, || self.shared.now());
        drop(queue);
        // `wake` queues a task of the loop, which may call back into the queue at once.
        if wake {
            (self.wake)();
        }
        next
    }
}

fn apply_change(node: &mut Box<dyn Node>, suspended: &mut bool, change: NodeChange) -> WorkerEvent {
    match change {
        // A node that could not be initialised is not shut down either.
        NodeChange::Suspend if *suspended => WorkerEvent::Suspended(Ok(())),
        NodeChange::Suspend => {
            *suspended = true;
            WorkerEvent::Suspended(catch_panic(|| node.deinit()))
        }
        NodeChange::Resume => {
            let resumed = catch_panic(|| node.init());
            *suspended = resumed.is_err();
            WorkerEvent::Resumed(resumed)
        }
        NodeChange::Replace(make) => {
            WorkerEvent::Replaced(catch_panic(make).map(|made| *node = made))
        }
    }
}

//! Worker thread of a node process: runs the code of the node.
//!
//! The [`WorkQueue`] decides what the thread does next. Between quick calls the thread drives the
//! event loop itself; during a call that lasts, another thread does (see [`LoopDriver`]), so that a
//! node that computes for a minute still answers.

pub(crate) mod loop_driver;
pub(super) mod spare_calls;
pub(super) mod work_queue;

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use self::loop_driver::{LoopDriver, WorkerDriver};
use self::work_queue::{NodeCall, NodeChange, ResultBatch, WorkItem, WorkQueue, WorkerEvent};
use crate::node::{Node, NodeError};
use crate::runner::panic_guard::catch_panic;
use crate::sync::{lock, wait};
use crate::transport::SendProgress;

/// Handle of the worker thread.
///
/// Dropping it does not block: the thread ends by itself after the calls it was given.
#[derive(Debug)]
pub(super) struct Worker {
    shared: Arc<WorkerShared>,
}

#[derive(Debug)]
struct WorkerShared {
    /// Locked only for moves of items, never while code of the node runs.
    queue: Mutex<WorkQueue>,
    /// Notified when an idle thread that does not drive the event loop has something to do.
    work_added: Condvar,
    driver: Arc<LoopDriver>,
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
        if idle && !self.driver.notify_worker() {
            self.work_added.notify_one();
        }
    }
}

impl Worker {
    /// Starts the thread, and makes and initialises the node there.
    ///
    /// `wake` is called from the thread when there are results to drain. A call that fails is
    /// repeated up to `retries` times, before the next call.
    pub(super) fn start(
        name: &str,
        driver: Arc<LoopDriver>,
        outbox: SendProgress,
        retries: u32,
        make: impl FnOnce() -> Result<Box<dyn Node>, NodeError> + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(WorkerShared {
            queue: Mutex::default(),
            work_added: Condvar::new(),
            driver,
            retries,
        });
        let worker = WorkerThread {
            shared: Arc::clone(&shared),
            outbox,
            wake: Box::new(wake),
        };
        let driver = Arc::clone(&shared.driver);
        driver.start_worker(name, Box::new(move || worker.run(make)))?;
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

/// State of the worker thread itself.
struct WorkerThread {
    shared: Arc<WorkerShared>,
    /// Progress of the socket that publishes what calls emit.
    outbox: SendProgress,
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
            Ok(node) => self.run_loop(node),
            Err(error) => {
                let result = WorkerEvent::Init(Err(error));
                let now = Instant::now();
                self.shared.queue().finish(result, true, (now, None));
                (self.wake)();
            }
        }
        self.shared.queue().set_ended();
    }

    fn run_loop(&self, mut node: Box<dyn Node>) {
        let mut driver = WorkerDriver::new(&self.shared.driver);
        let mut suspended = false;
        let now = Instant::now();
        let mut batch = ResultBatch::new(now);
        let made = WorkerEvent::Init(Ok(()));
        let mut next = self.push_result(&mut driver, made, true, (now, None));
        loop {
            // The clock is read twice a call: the end of the wait is the begin of a call, too.
            let (item, begin) = match next {
                Ok(item) => (item, Instant::now()),
                Err(wake) => {
                    let (item, now) = self.wait(&driver, wake);
                    batch = ResultBatch::new(now);
                    (item, now)
                }
            };
            let (result, due, times) = match item {
                WorkItem::Call(mut call, failed) => {
                    let outcome = driver.during(begin, || {
                        catch_panic(|| {
                            failed
                                .into_iter()
                                .for_each(|epoch| node.epoch_failed(epoch));
                            Ok(())
                        })?;
                        self.call(node.as_mut(), &mut call)
                    });
                    if outcome.is_ok() && call.outputs.is_exhausted() {
                        self.shared.queue().set_last_epoch(call.number());
                    }
                    let end = Instant::now();
                    let times = (end, Some(end - begin));
                    (WorkerEvent::Call(call, outcome), batch.add(end), times)
                }
                WorkItem::Change(change) => {
                    let change = || apply_change(&mut node, &mut suspended, change);
                    (driver.during(begin, change), true, (Instant::now(), None))
                }
                WorkItem::Deinit => {
                    let mut deinit = || catch_panic(|| node.deinit());
                    let deinit = || if suspended { Ok(()) } else { deinit() };
                    let ended = WorkerEvent::Deinit(driver.during(begin, deinit));
                    let _ = self.push_result(&mut driver, ended, true, (Instant::now(), None));
                    return;
                }
                WorkItem::Exit => return,
            };
            next = self.push_result(&mut driver, result, due, times);
        }
    }

    /// Makes one call, and repeats it, as often as that is allowed, if it fails.
    fn call(&self, node: &mut dyn Node, call: &mut NodeCall) -> Result<(), NodeError> {
        let mut attempt = 1;
        loop {
            let NodeCall { inputs, outputs } = call;
            let Err(mut error) = catch_panic(|| node.process(inputs, outputs)) else {
                return Ok(());
            };
            // Only the outputs of the last attempt count.
            let _ = outputs.drain();
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

    /// Waits for the next item, and wakes the event loop before if that is due; returns the end of
    /// the wait, too.
    fn wait(&self, driver: &WorkerDriver<'_>, mut wake: bool) -> (WorkItem, Instant) {
        let mut queue = self.shared.queue();
        loop {
            // A condition variable wakes spuriously, so that the queue is asked each time.
            let mut now = None;
            if let Some(item) = queue.next_item(|| *now.insert(Instant::now())) {
                queue.wake();
                return (item, now.unwrap_or_else(Instant::now));
            }
            queue.set_idle();
            if driver.drives() {
                drop(queue);
                let wake = std::mem::take(&mut wake).then_some(&*self.wake as _);
                driver.drive(wake);
                queue = self.shared.queue();
            } else {
                queue = wait(&self.shared.work_added, queue);
            }
        }
    }

    /// Adds a result, and takes the next item; without one, returns whether the event loop must be
    /// woken, which [`wait`](Self::wait) does.
    ///
    /// Results of quick calls are announced together. While the event loop is on its way, results
    /// are added to those that it will find.
    fn push_result(
        &self,
        driver: &mut WorkerDriver<'_>,
        result: WorkerEvent,
        due: bool,
        times: (Instant, Option<Duration>),
    ) -> Result<WorkItem, bool> {
        // One lock for the result and the next item: this is the hot path.
        let (next, wake) = self.shared.queue().finish(result, due, times);
        match (&next, wake) {
            (None, true) if driver.drives() => return Err(true),
            (_, true) if driver.drives() => {
                driver.drive_once(&*self.wake);
                // What a reader does not take at once is written during the next call.
                if self.outbox.has_unsent() {
                    driver.hand_to_main();
                }
            }
            // `wake` queues a task of the loop, which may call back into the queue at once.
            (_, true) => (self.wake)(),
            (_, false) => {}
        }
        next.ok_or(false)
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

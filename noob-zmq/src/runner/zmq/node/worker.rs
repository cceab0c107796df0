//! The thread on which a node's code runs, away from the thread that serves its sockets: a node that computes for a minute still answers.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::graph::Epoch;
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::panic_guard::catch_panic;
use crate::sync::{lock, wait};

/// A call that took longer is told of at once.
const QUICK: Duration = Duration::from_micros(20);
/// For so long quick calls may come together before they are told of, if the next is there already.
const TOGETHER: Duration = Duration::from_micros(50);

/// What came of a job.
#[derive(Debug)]
pub(crate) enum WorkerEvent {
    /// The node was made and initialised, or could not be.
    Init(Result<(), NodeError>),
    /// The node was shut down until it is needed again, or could not be.
    Rested(Result<(), NodeError>),
    /// It was initialised again, or could not be.
    Woken(Result<(), NodeError>),
    /// Another was put in its place, or could not be made.
    Renewed(Result<(), NodeError>),
    /// A call.
    Call(Epoch, Result<Outputs, NodeError>),
    /// The node was shut down.
    Deinit(Result<(), NodeError>),
}

/// What is done with a node between two epochs.
pub(crate) enum NodeChange {
    /// It is shut down, and kept.
    Rest,
    /// It is initialised again.
    Wake,
    /// One that is made like this takes its place.
    Renew(Box<dyn FnOnce() -> Result<Box<dyn Node>, NodeError> + Send>),
}

impl fmt::Debug for NodeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rest => "Rest",
            Self::Wake => "Wake",
            Self::Renew(_) => "Renew",
        })
    }
}

/// The thread of a node. Dropping it lets the thread end after what it was asked to do.
#[derive(Debug)]
pub(crate) struct Worker {
    shared: Arc<WorkerShared>,
}

#[derive(Debug, Default)]
struct WorkerShared {
    desk: Mutex<WorkQueue>,
    jobs_came: Condvar,
    /// Whether somebody asks how long a call takes.
    timed: bool,
    /// How often a call that fails is made again.
    retries: u32,
}

/// What lies between the two threads.
#[derive(Debug, Default)]
struct WorkQueue {
    calls: VecDeque<Inputs>,
    /// They come before all calls that were not begun.
    changes: VecDeque<NodeChange>,
    /// The last root epoch in which the node is called, once it has said so.
    last: Option<u32>,
    /// Epochs that have failed, of which the node was not told yet.
    failed: Vec<u32>,
    /// The call that goes on, and since when, if that is asked for.
    busy: Option<(Epoch, Option<Instant>)>,
    /// How long all calls that are over took, if that is asked for.
    took: Duration,
    /// Shut the node down once the calls are made.
    deinit: bool,
    /// Nobody will ask for anything any more.
    deserted: bool,
    /// The thread waits to be told that something came.
    idle: bool,
    /// The thread has ended.
    ended: bool,
    results: Vec<WorkerEvent>,
    /// The other thread was woken for the results.
    woken: bool,
}

impl WorkerShared {
    fn desk(&self) -> MutexGuard<'_, WorkQueue> {
        lock(&self.desk)
    }
}

impl WorkQueue {
    /// What is to be done next, if anything is.
    fn next(&mut self, timed: bool) -> Option<WorkItem> {
        if let Some(change) = self.changes.pop_front() {
            return Some(WorkItem::NodeChange(change));
        }
        if let Some(last) = self.last {
            self.calls.retain(|inputs| inputs.epoch.number() <= last);
        }
        if let Some(inputs) = self.calls.pop_front() {
            self.busy = Some((inputs.epoch.clone(), timed.then(Instant::now)));
            Some(WorkItem::Call(inputs, std::mem::take(&mut self.failed)))
        } else if self.deinit {
            Some(WorkItem::Deinit)
        } else if self.deserted {
            Some(WorkItem::End)
        } else {
            None
        }
    }
}

/// What the thread takes from the desk.
enum WorkItem {
    /// A call, and the epochs that have failed since the last.
    Call(Inputs, Vec<u32>),
    NodeChange(NodeChange),
    Deinit,
    End,
}

impl Worker {
    /// Starts the thread, and on it makes and initialises the node. `wake` is called when there are results to be taken.
    /// With `timed` it is noted how long calls take; a call that fails is made again up to `retries` times, before the next.
    pub(crate) fn start(
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
        let bench = WorkerThread {
            shared: Arc::clone(&shared),
            wake: Box::new(wake),
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || bench.work(make))?;
        Ok(Self { shared })
    }

    /// Has the node called, once for each inputs, in this order. Gives how many calls were not begun: if it is more than one, the
    /// results of some may lie there until the last is done, or a slow one comes; [`take`](Self::take) them soon.
    pub(crate) fn call(&self, calls: &mut Vec<Inputs>) -> usize {
        let mut desk = self.shared.desk();
        desk.calls.extend(calls.drain(..));
        let waiting = desk.calls.len();
        self.ask(desk);
        waiting
    }

    /// Something is done with the node after the call that goes on; those that were not begun are left out. What it has said of its end counts
    /// no more. False if the thread has ended.
    pub(crate) fn change(&self, change: Option<NodeChange>) -> bool {
        let mut desk = self.shared.desk();
        desk.calls.clear();
        desk.last = None;
        desk.changes.extend(change);
        self.ask(desk)
    }

    /// Takes away the oldest of the calls that were not begun, so that at most `most` are left.
    pub(crate) fn leave_out(&self, most: usize) -> Vec<Inputs> {
        let mut desk = self.shared.desk();
        let surplus = desk.calls.len().saturating_sub(most);
        desk.calls.drain(..surplus).collect()
    }

    /// Leaves out the calls of epochs that have failed, and has the node told of them before its next call.
    pub(crate) fn epochs_failed(&self, epochs: &[u32]) {
        let mut desk = self.shared.desk();
        desk.calls
            .retain(|inputs| !epochs.contains(&inputs.epoch.number()));
        desk.failed.extend(epochs);
    }

    /// Has the node shut down, after the call that goes on; those that were not begun are left out. False if the thread has ended.
    pub(crate) fn deinit(&self) -> bool {
        let mut desk = self.shared.desk();
        desk.calls.clear();
        desk.deinit = true;
        self.ask(desk)
    }

    /// Takes the results that are there. Says whether there may soon be more that nobody is woken for: see [`call`](Self::call).
    pub(crate) fn take(&self) -> (Vec<WorkerEvent>, bool) {
        let mut desk = self.shared.desk();
        desk.woken = false;
        let more = !desk.calls.is_empty();
        (std::mem::take(&mut desk.results), more)
    }

    /// How many calls were not begun; the epoch of the one that goes on, and how long it has taken, if that is noted.
    pub(crate) fn load(&self) -> (usize, Option<(Epoch, Option<Duration>)>) {
        let desk = self.shared.desk();
        let busy = desk.busy.as_ref();
        let busy = busy.map(|(epoch, since)| (epoch.clone(), since.map(|since| since.elapsed())));
        (desk.calls.len(), busy)
    }

    /// How long all calls that are over took, if that is noted.
    pub(crate) fn took(&self) -> Duration {
        self.shared.desk().took
    }

    fn ask(&self, mut desk: MutexGuard<'_, WorkQueue>) -> bool {
        let ended = desk.ended;
        let idle = std::mem::take(&mut desk.idle);
        drop(desk);
        if idle {
            self.shared.jobs_came.notify_one();
        }
        !ended
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.desk().deserted = true;
        self.shared.jobs_came.notify_one();
    }
}

/// The thread's side.
struct WorkerThread {
    shared: Arc<WorkerShared>,
    wake: Box<dyn Fn() + Send>,
}

impl WorkerThread {
    fn work(&self, make: impl FnOnce() -> Result<Box<dyn Node>, NodeError>) {
        let made = catch_panic(|| {
            let mut node = make()?;
            node.init()?;
            Ok(node)
        });
        match made {
            Ok(node) => {
                let first = self.tell(WorkerEvent::Init(Ok(())), true);
                self.serve(node, first);
            }
            Err(error) => {
                self.tell(WorkerEvent::Init(Err(error)), true);
            }
        }
        self.shared.desk().ended = true;
    }

    fn serve(&self, mut node: Box<dyn Node>, mut job: Option<WorkItem>) {
        let mut rests = false;
        // When the first of the calls ended that nobody was woken for, and when the last one ended.
        let (mut first, mut last) = (None, Instant::now());
        loop {
            let next = job.take().unwrap_or_else(|| {
                let job = self.wait();
                (first, last) = (None, Instant::now());
                job
            });
            match next {
                WorkItem::Call(inputs, failed) => {
                    let told = catch_panic(|| {
                        failed
                            .into_iter()
                            .for_each(|epoch| node.epoch_failed(epoch));
                        Ok(())
                    });
                    let outcome = told.and_then(|()| self.call(node.as_mut(), &inputs));
                    if outcome.as_ref().is_ok_and(Outputs::is_exhausted) {
                        self.ended(inputs.epoch.number());
                    }
                    let now = Instant::now();
                    let held = now - *first.get_or_insert(now);
                    let due = now - last > QUICK || held > TOGETHER;
                    last = now;
                    if due {
                        first = None;
                    }
                    job = self.tell(WorkerEvent::Call(inputs.epoch, outcome), due);
                }
                WorkItem::NodeChange(change) => {
                    let done = Self::change(&mut node, &mut rests, change);
                    job = self.tell(done, true);
                }
                WorkItem::Deinit => {
                    let outcome = if rests {
                        Ok(())
                    } else {
                        catch_panic(|| node.deinit())
                    };
                    self.tell(WorkerEvent::Deinit(outcome), true);
                    return;
                }
                WorkItem::End => return,
            }
        }
    }

    fn change(node: &mut Box<dyn Node>, rests: &mut bool, change: NodeChange) -> WorkerEvent {
        match change {
            // What could not be initialised is not shut down either.
            NodeChange::Rest if *rests => WorkerEvent::Rested(Ok(())),
            NodeChange::Rest => {
                *rests = true;
                WorkerEvent::Rested(catch_panic(|| node.deinit()))
            }
            NodeChange::Wake => {
                let woken = catch_panic(|| node.init());
                *rests = woken.is_err();
                WorkerEvent::Woken(woken)
            }
            NodeChange::Renew(make) => {
                WorkerEvent::Renewed(catch_panic(make).map(|made| *node = made))
            }
        }
    }

    /// One call; again, as often as that is allowed, if it fails.
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
            tracing::warn!(epoch = %inputs.epoch, error = %error.message, attempt, "the call failed and is made again");
            attempt += 1;
        }
    }

    /// The node has said that nothing will ever come of it again: it is not called in later epochs.
    fn ended(&self, epoch: u32) {
        self.shared.desk().last = Some(epoch);
    }

    fn wait(&self) -> WorkItem {
        let mut desk = self.shared.desk();
        loop {
            if let Some(job) = desk.next(self.shared.timed) {
                desk.idle = false;
                return job;
            }
            desk.idle = true;
            desk = wait(&self.shared.jobs_came, desk);
        }
    }

    /// Puts down what came of a job, and takes up the next if there is one. The other thread is woken if that is `due`, or if nothing more
    /// is to be done; quick calls that come together are told of together. While the other thread is on its way, what comes is added to
    /// what it will find.
    fn tell(&self, done: WorkerEvent, due: bool) -> Option<WorkItem> {
        let mut desk = self.shared.desk();
        desk.results.push(done);
        if let Some((_, Some(since))) = desk.busy.take() {
            desk.took += since.elapsed();
        }
        let next = desk.next(self.shared.timed);
        let due = due || !matches!(next, Some(WorkItem::Call(..)));
        let wake = due && !desk.woken;
        desk.woken |= due;
        drop(desk);
        if wake {
            (self.wake)();
        }
        next
    }
}

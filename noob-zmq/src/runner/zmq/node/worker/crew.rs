//! Worker thread of a node process: makes the calls of its nodes, and drives the event loop between
//! them.
//!
//! Most processes have one node. The nodes of a group take turns: each makes its calls until their
//! results are due, then all results of the round are handed to the event loop at once.

use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use noob_zmq_frames::Loan;

use super::WorkerShared;
use super::loop_driver::{LoopDriver, WorkerDriver};
use super::work_queue::{NodeCall, NodeChange, ResultBatch, WorkItem, WorkerEvent};
use crate::graph::Name;
use crate::node::{Lender, Node, NodeError, set_lender};
use crate::runner::panic_guard::catch_panic;
use crate::runner::tracer::Tracer;
use crate::sync::lock;
use crate::transport::SendProgress;

/// Nodes of a process, whose calls one thread makes.
///
/// The thread starts when all nodes are here.
#[derive(Debug)]
pub(crate) struct Crew {
    driver: Arc<LoopDriver>,
    /// Number of nodes of the process.
    size: usize,
    /// Nodes that wait for the others.
    waiting: Mutex<Vec<NodeWork>>,
    /// Exporter of the spans of calls.
    tracer: Tracer,
    thread: OnceLock<Thread>,
}

/// Work of one node, from its start to its end.
pub(crate) struct NodeWork {
    pub(crate) name: Name,
    /// Whether the node is not called any more once it has emitted an
    /// [end](crate::graph::Emit::Exhausted).
    pub(crate) ends: bool,
    pub(crate) shared: Arc<WorkerShared>,
    /// Progress of the socket that publishes what calls emit.
    pub(crate) outbox: SendProgress,
    pub(crate) lend: Box<dyn Fn(usize) -> Option<Loan> + Send>,
    pub(crate) make: Box<dyn FnOnce() -> Result<Box<dyn Node>, NodeError> + Send>,
    /// Wakes the event loop, to have it drain the results.
    pub(crate) wake: Box<dyn Fn() + Send>,
}

impl std::fmt::Debug for NodeWork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeWork")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Crew {
    /// Creates the crew of a process with this number of nodes, which exports the spans of calls
    /// by `tracer`.
    pub(crate) fn new(driver: Arc<LoopDriver>, size: usize, tracer: Tracer) -> Arc<Self> {
        Arc::new(Self {
            driver,
            size,
            waiting: Mutex::default(),
            tracer,
            thread: OnceLock::new(),
        })
    }

    /// Adds the work of a node, and starts the thread with that of the last.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(super) fn add(self: &Arc<Self>, work: NodeWork) -> std::io::Result<()> {
        // Held only for the push: the job starts outside of the lock.
        let mut waiting = lock(&self.waiting);
        waiting.push(work);
        if waiting.len() < self.size {
            return Ok(());
        }
        let all = std::mem::take(&mut *waiting);
        drop(waiting);
        let names: Vec<&str> = all.iter().map(|work| &*work.name).collect();
        let (name, crew) = (names.join("+"), Arc::clone(self));
        self.driver
            .start_worker(&name, Box::new(move || crew.run(all)))
    }

    /// Any thread: ends the wait of the worker thread for work.
    pub(super) fn notify(&self) {
        // A token that nobody waits for ends a later wait, after which the queues are asked again.
        if !self.driver.notify_worker()
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    fn run(&self, all: Vec<NodeWork>) {
        // Before the queues are asked for the first time: who adds work later finds the thread, and
        // work that was added before is found by the first look.
        let _ = self.thread.set(thread::current());
        let is_group = all.len() > 1;
        let mut members: Vec<Member> = all
            .into_iter()
            .filter_map(|work| Member::start(work, is_group, &self.tracer))
            .collect();
        if members.is_empty() {
            return;
        }
        let mut driver = WorkerDriver::new(&self.driver);
        let started = Instant::now();
        for member in &mut members {
            let made = WorkerEvent::Init(Ok(()));
            member.finish(&driver, made, true, (started, None));
        }
        loop {
            let mut worked = false;
            members.retain_mut(|member| match member.take_turn(&mut driver) {
                Turn::Idle => true,
                Turn::Worked => {
                    worked = true;
                    true
                }
                Turn::Ended => false,
            });
            if members.is_empty() {
                return;
            }
            // Results of a whole round go to the event loop together. Without further items, the
            // loop is driven by the wait.
            let pending = worked && members.iter().any(Member::has_next);
            if pending {
                wake_due(&mut members, &mut driver);
            } else {
                Self::wait(&mut members, &mut driver);
            }
        }
    }

    /// Waits for the next item of a member, and wakes the event loop before where that is due.
    fn wait(members: &mut [Member], driver: &mut WorkerDriver<'_>) {
        // Every queue that is empty is told that the thread waits: work that comes from now on
        // notifies it. The members are asked again after each wait, since it may end without work.
        if members.iter().filter(|member| !member.rest()).count() < members.len() {
            wake_due(members, driver);
            return;
        }
        if driver.drives() {
            let due: Vec<&Member> = members.iter().filter(|member| member.wake_due).collect();
            let wake = || due.iter().for_each(|member| (member.work.wake)());
            driver.drive((!due.is_empty()).then_some(&wake as _));
        } else {
            // The main thread took over during a long call of one member, after the quick calls of
            // others, whose results nobody has announced yet.
            wake_due(members, driver);
            // A notification that came since the queues were asked has left its token, with which
            // this returns at once.
            thread::park();
        }
        for member in members {
            member.wake_due = false;
        }
    }
}

/// Wakes the event loop for results that are due, and has it handle everything that is there.
fn wake_due(members: &mut [Member], driver: &mut WorkerDriver<'_>) {
    let due: Vec<&Member> = members.iter().filter(|member| member.wake_due).collect();
    if due.is_empty() {
        return;
    }
    let wake = || due.iter().for_each(|member| (member.work.wake)());
    if !driver.drives() {
        // The main thread has taken over meanwhile. It drives the event loop, and may sleep in the
        // selector: the wake ends that sleep.
        wake();
    } else {
        driver.drive_once(&wake);
        // What a reader does not take at once is written during the next call.
        if due.iter().any(|member| member.work.outbox.has_unsent()) {
            driver.hand_to_main();
        }
    }
    for member in members {
        member.wake_due = false;
    }
}

/// Outcome of a turn of a member.
enum Turn {
    /// There was nothing to do.
    Idle,
    Worked,
    /// The member has ended.
    Ended,
}

/// Parts of a member for its whole life.
struct MemberWork {
    name: Name,
    tracer: Tracer,
    ends: bool,
    shared: Arc<WorkerShared>,
    outbox: SendProgress,
    wake: Box<dyn Fn() + Send>,
}

/// A node of the process, on the worker thread.
struct Member {
    work: MemberWork,
    node: Box<dyn Node>,
    suspended: bool,
    batch: ResultBatch,
    /// Lender of the node, set before each of its turns where there are others.
    lend: Option<Lender>,
    /// Item of the next turn, and the begin of it if it is known.
    next: Option<(WorkItem, Option<Instant>)>,
    /// Whether the event loop is to be woken at the end of the round.
    wake_due: bool,
}

impl Member {
    /// Makes and initialises the node; without it, the event loop is told why.
    fn start(work: NodeWork, is_group: bool, tracer: &Tracer) -> Option<Self> {
        let NodeWork {
            name,
            ends,
            shared,
            outbox,
            lend,
            make,
            wake,
        } = work;
        let lend: Lender = Rc::new(lend);
        set_lender(Rc::clone(&lend));
        let made = catch_panic(|| {
            let mut node = make()?;
            node.init()?;
            Ok(node)
        });
        let now = Instant::now();
        match made {
            Ok(node) => Some(Self {
                work: MemberWork {
                    name,
                    tracer: tracer.clone(),
                    ends,
                    shared,
                    outbox,
                    wake,
                },
                node,
                suspended: false,
                batch: ResultBatch::new(now),
                lend: is_group.then_some(lend),
                next: None,
                wake_due: false,
            }),
            Err(error) => {
                let result = WorkerEvent::Init(Err(error));
                shared.queue().finish(result, true, (now, None));
                wake();
                shared.queue().set_ended();
                None
            }
        }
    }

    const fn has_next(&self) -> bool {
        self.next.is_some()
    }

    /// Has the queue notify the thread of its next item; returns whether there is one already.
    fn rest(&self) -> bool {
        if self.next.is_some() {
            return true;
        }
        let mut queue = self.work.shared.queue();
        let has_work = queue.has_work();
        if !has_work {
            queue.set_idle();
        }
        has_work
    }

    /// Asks the queue for the next item.
    fn ask(&mut self) -> bool {
        if self.next.is_some() {
            return true;
        }
        let mut now = None;
        let mut queue = self.work.shared.queue();
        let Some(item) = queue.next_item(|| *now.insert(Instant::now())) else {
            return false;
        };
        queue.wake();
        drop(queue);
        let begin = now.unwrap_or_else(Instant::now);
        self.batch = ResultBatch::new(begin);
        self.next = Some((item, Some(begin)));
        true
    }

    /// Carries out items until results are due, or nothing is left.
    fn take_turn(&mut self, driver: &mut WorkerDriver<'_>) -> Turn {
        if !self.ask() {
            return Turn::Idle;
        }
        // Memory is lent by thread, and the nodes of a group share one: each has its own lender for
        // its turn.
        if let Some(lend) = &self.lend {
            set_lender(Rc::clone(lend));
        }
        while let Some((item, begin)) = self.next.take() {
            // The clock is read twice a call: the end of the wait is the begin of a call, too.
            let begin = begin.unwrap_or_else(Instant::now);
            let (result, due, times) = match item {
                WorkItem::Call(mut call, failed) => {
                    let node = self.node.as_mut();
                    let retries = self.work.shared.retries;
                    let outcome = driver.during(begin, || {
                        catch_panic(|| {
                            failed
                                .into_iter()
                                .for_each(|epoch| node.epoch_failed(epoch));
                            Ok(())
                        })?;
                        make_call(node, &mut call, retries)
                    });
                    let MemberWork { name, tracer, .. } = &self.work;
                    tracer.end_call(name, &call.inputs.epoch, Some(begin), &outcome);
                    if self.work.ends && outcome.is_ok() && call.outputs.is_exhausted() {
                        self.work.shared.queue().set_last_epoch(call.number());
                    }
                    let end = Instant::now();
                    let times = (end, Some(end - begin));
                    (WorkerEvent::Call(call, outcome), self.batch.add(end), times)
                }
                WorkItem::Change(change) => {
                    let (node, suspended) = (&mut self.node, &mut self.suspended);
                    let change = || apply_change(node, suspended, change);
                    (driver.during(begin, change), true, (Instant::now(), None))
                }
                WorkItem::Deinit => {
                    let mut deinit = || catch_panic(|| self.node.deinit());
                    let suspended = self.suspended;
                    let deinit = || if suspended { Ok(()) } else { deinit() };
                    let ended = WorkerEvent::Deinit(driver.during(begin, deinit));
                    self.finish(driver, ended, true, (Instant::now(), None));
                    wake_due(std::slice::from_mut(self), driver);
                    self.work.shared.queue().set_ended();
                    return Turn::Ended;
                }
                WorkItem::Exit => {
                    self.work.shared.queue().set_ended();
                    return Turn::Ended;
                }
            };
            if self.finish(driver, result, due, times) {
                break;
            }
        }
        Turn::Worked
    }

    /// Adds a result, and takes the next item; returns whether the turn of the member is over.
    ///
    /// Results of quick calls are announced together. While the event loop is on its way, results
    /// are added to those that it will find.
    fn finish(
        &mut self,
        driver: &WorkerDriver<'_>,
        result: WorkerEvent,
        due: bool,
        times: (Instant, Option<Duration>),
    ) -> bool {
        let alone = self.lend.is_none();
        // One lock for the result and the next item: this is the hot path.
        let mut queue = self.work.shared.queue();
        // In a group, the next item waits in the queue while others have their turns: the time of
        // a call does not begin before it is made.
        let (next, wake) = if alone || !due {
            queue.finish(result, due, times)
        } else {
            (None, queue.finish_turn(result, times))
        };
        drop(queue);
        let had_next = next.is_some();
        self.next = next.map(|item| (item, None));
        if wake && driver.drives() {
            self.wake_due = true;
            return true;
        }
        if wake {
            // `wake` queues a task of the loop, which may call back into the queue at once.
            (self.work.wake)();
        }
        !had_next
    }
}

/// Makes one call, and repeats it, up to `retries` times, if it fails.
fn make_call(node: &mut dyn Node, call: &mut NodeCall, retries: u32) -> Result<(), NodeError> {
    let mut attempt = 1;
    loop {
        let NodeCall { inputs, outputs } = call;
        let Err(mut error) = catch_panic(|| node.process(inputs, outputs)) else {
            return Ok(());
        };
        // Only the outputs of the last attempt count.
        let _ = outputs.drain();
        if attempt > retries {
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

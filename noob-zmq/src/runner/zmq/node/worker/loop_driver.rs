//! Choice of the thread that drives the event loop of a node process.
//!
//! While calls are quick, the worker thread drives the runtime of the loop between its calls: an
//! event then wakes one thread, and not three. When a call lasts, or a reader does not take what
//! calls emit as fast, the main thread drives the runtime instead, so that a node that computes for
//! a minute still answers; the worker thread takes it back after a row of quick calls.
//!
//! A node may ask for the main thread of its process. The worker thread then is that thread, and
//! another one has the part of the main thread ([`LoopDriver::run_beside_worker`]).
//!
//! The runtime of tokio is single-threaded: it runs its tasks, timers and sockets on the thread
//! that is inside [`Runtime::block_on`], and another thread that calls it waits for its turn.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::{Notify, oneshot};

use crate::sync::lock;

/// Longest call for which sockets wait, before the main thread serves them.
const LONG_CALL: Duration = Duration::from_millis(5);
/// Longest call that counts as quick.
const QUICK_CALL: Duration = Duration::from_millis(1);
/// Number of quick calls in a row after which the worker thread drives the runtime again.
const QUICK_ROW: u32 = 16;
/// Number of looks without a call between, after which the main thread sleeps until there is one.
const IDLE_LOOKS: u32 = 20;

/// Time in which the worker thread returns after the node was shut down.
const LAST_STEPS: Duration = Duration::from_millis(100);

/// Value of `turn` while the main thread drives the runtime.
const MAIN: u64 = u64::MAX;
/// Value of `turn` while the worker thread drives the runtime.
const WORKER: u64 = 0;

/// Runtime of a node process, which the main thread and the worker thread drive in turns.
///
/// The main thread drives it first. Both threads call only the methods that are named for them.
#[derive(Debug)]
pub(crate) struct LoopDriver {
    runtime: Runtime,
    /// [`MAIN`], [`WORKER`], or the start of the call that the worker thread makes meanwhile, in
    /// microseconds since `epoch`.
    ///
    /// The worker thread makes every change but one: the main thread takes over during a call. The
    /// call ends with a compare-and-swap, which one of them loses.
    turn: AtomicU64,
    /// Number of calls that began while the worker thread drove the runtime.
    calls: AtomicU64,
    /// Whether the main thread sleeps until the next call begins.
    main_sleeps: AtomicBool,
    /// Ends the wait of the worker thread for work.
    work: Notify,
    /// Ends the turn of the main thread.
    handed_over: Notify,
    /// Thread that calls [`run`](Self::run), once it does.
    main: OnceLock<Thread>,
    /// Way to a thread that waits for the work of the worker thread; taken by its start.
    worker: Mutex<Option<mpsc::Sender<WorkerJob>>>,
    epoch: Instant,
}

/// Work of the worker thread, from its start to its end.
pub(super) type WorkerJob = Box<dyn FnOnce() + Send>;

impl LoopDriver {
    /// Creates a driver.
    ///
    /// # Errors
    /// The system refuses a selector.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
            turn: AtomicU64::new(MAIN),
            calls: AtomicU64::new(0),
            main_sleeps: AtomicBool::new(false),
            work: Notify::new(),
            handed_over: Notify::new(),
            main: OnceLock::new(),
            worker: Mutex::new(None),
            epoch: Instant::now(),
        })
    }

    /// Main thread, before and after [`run`](Self::run): drives the runtime until the future ends.
    pub(crate) fn block_on<R>(&self, future: impl Future<Output = R>) -> R {
        self.runtime.block_on(future)
    }

    /// Main thread: shuts the runtime down, unless the worker thread still runs code of the node.
    pub(crate) fn shut_down(driver: Arc<Self>) {
        match Arc::try_unwrap(driver) {
            // A blocking task that hangs must not keep the process from ending.
            Ok(driver) => driver.runtime.shutdown_timeout(Duration::from_millis(100)),
            // The process ends without it. A drop could wait for the code of the node.
            Err(shared) => std::mem::forget(shared),
        }
    }

    /// Runs the future as [`run`](Self::run) on a thread of its own, while the calling thread does
    /// the work of the worker thread.
    ///
    /// Call it before the node is started. If the future ends while the calling thread runs code of
    /// the node, `abandon` is called with the result, and must end the process.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(crate) fn run_beside_worker<R: Send + 'static>(
        driver: &Arc<Self>,
        future: impl Future<Output = R> + Send + 'static,
        abandon: impl FnOnce(R) + Send + 'static,
    ) -> std::io::Result<R> {
        let (jobs, job) = mpsc::channel::<WorkerJob>();
        *lock(&driver.worker) = Some(jobs);
        let (ended, end) = mpsc::channel();
        let working = Arc::new(AtomicBool::new(false));
        let (shared, works) = (Arc::clone(driver), Arc::clone(&working));
        let event_loop = thread::Builder::new()
            .name("noob-zmq-loop".into())
            .spawn(move || {
                let result = shared.run(future);
                // Without a job that is under way, the wait for one ends.
                drop(lock(&shared.worker).take());
                drop(shared);
                let begun = Instant::now();
                while works.load(Ordering::Acquire) && begun.elapsed() < LAST_STEPS {
                    thread::park_timeout(LAST_STEPS);
                }
                if works.load(Ordering::Acquire) {
                    abandon(result);
                } else {
                    let _ = ended.send(result);
                }
            })?;
        if let Ok(job) = job.recv() {
            working.store(true, Ordering::Release);
            job();
            working.store(false, Ordering::Release);
            event_loop.thread().unpark();
        }
        end.recv().map_err(std::io::Error::other)
    }

    /// Has the worker thread start with this work: a thread that waits for it, or a new one.
    pub(super) fn start_worker(&self, name: &str, job: WorkerJob) -> std::io::Result<()> {
        let job = match lock(&self.worker).take() {
            None => job,
            Some(waiting) => match waiting.send(job) {
                Ok(()) => return Ok(()),
                Err(mpsc::SendError(job)) => job,
            },
        };
        // Not joined: a node that never returns must not keep the process from ending.
        thread::Builder::new().name(name.to_owned()).spawn(job)?;
        Ok(())
    }

    /// Main thread: runs the future as a task, and drives the runtime where the worker thread does
    /// not.
    pub(crate) fn run<R: Send + 'static>(
        &self,
        future: impl Future<Output = R> + Send + 'static,
    ) -> R {
        let (sender, mut done) = oneshot::channel();
        let main = self.main.get_or_init(thread::current).clone();
        let task = self.runtime.spawn(async move {
            let _ = sender.send(future.await);
            main.unpark();
        });
        let mut idle_looks = 0;
        let mut calls = 0;
        loop {
            if let Ok(result) = done.try_recv() {
                return result;
            }
            let turn = self.turn.load(Ordering::Acquire);
            if turn == MAIN {
                let result = self.runtime.block_on(async {
                    tokio::select! {
                        biased;
                        result = &mut done => Some(result),
                        () = self.handed_over.notified() => None,
                    }
                });
                match result {
                    Some(Ok(result)) => return result,
                    // The task has panicked: its panic goes on here.
                    Some(Err(_)) => match self.runtime.block_on(task) {
                        Err(error) if error.is_panic() => {
                            std::panic::resume_unwind(error.into_panic())
                        }
                        _ => unreachable!("nobody cancels the task"),
                    },
                    None => continue,
                }
            }
            let begun = self.calls.load(Ordering::Relaxed);
            idle_looks = if begun == calls { idle_looks + 1 } else { 0 };
            calls = begun;
            if turn == WORKER && idle_looks >= IDLE_LOOKS {
                self.main_sleeps.store(true, Ordering::SeqCst);
                // Read again: a call that began before the store wakes nobody.
                if self.turn.load(Ordering::SeqCst) == WORKER {
                    thread::park();
                }
                self.main_sleeps.store(false, Ordering::SeqCst);
                idle_looks = 0;
            } else if turn == WORKER || !self.take_over(turn) {
                thread::park_timeout(LONG_CALL);
            }
        }
    }

    /// Takes the runtime over from the worker thread, if the call that began at `turn` lasts.
    fn take_over(&self, turn: u64) -> bool {
        let lasts = self.now() - turn >= LONG_CALL.as_micros() as u64;
        let (success, failure) = (Ordering::AcqRel, Ordering::Relaxed);
        let taken = |()| self.turn.compare_exchange(turn, MAIN, success, failure);
        lasts
            .then_some(())
            .map(taken)
            .is_some_and(|taken| taken.is_ok())
    }

    fn now(&self) -> u64 {
        self.micros_at(Instant::now())
    }

    fn micros_at(&self, instant: Instant) -> u64 {
        // Never `WORKER`: a call does not begin at 0.
        instant.saturating_duration_since(self.epoch).as_micros() as u64 + 1
    }

    /// Any thread: ends the wait of the worker thread, where it waits in the runtime; returns
    /// whether it does so.
    pub(super) fn notify_worker(&self) -> bool {
        // Stable while the worker thread waits: the main thread takes over during calls only.
        let in_runtime = self.turn.load(Ordering::Acquire) != MAIN;
        if in_runtime {
            self.work.notify_one();
        }
        in_runtime
    }

    fn wake_main(&self) {
        // Before it runs, it does not sleep.
        if let Some(main) = self.main.get() {
            main.unpark();
        }
    }

    fn hand_over(&self) {
        self.turn.store(WORKER, Ordering::Release);
        self.handed_over.notify_one();
    }
}

/// Worker thread's side of a [`LoopDriver`].
///
/// Dropping it gives the runtime back to the main thread.
#[derive(Debug)]
pub(super) struct WorkerDriver<'a> {
    driver: &'a LoopDriver,
    /// Whether this thread drives the runtime.
    drives: bool,
    /// Number of quick calls in a row while the main thread drives the runtime.
    quick: u32,
}

impl<'a> WorkerDriver<'a> {
    /// Takes the runtime over: the node is initialised.
    pub(super) fn new(driver: &'a LoopDriver) -> Self {
        driver.hand_over();
        Self {
            driver,
            drives: true,
            quick: 0,
        }
    }

    /// Whether this thread drives the runtime.
    pub(super) const fn drives(&self) -> bool {
        self.drives
    }

    /// Makes a call that begins now, during which the main thread takes the runtime over if it
    /// lasts.
    pub(super) fn during<R>(&mut self, now: Instant, call: impl FnOnce() -> R) -> R {
        let driver = self.driver;
        let begin = driver.micros_at(now);
        if self.drives {
            driver.calls.fetch_add(1, Ordering::Relaxed);
            driver.turn.store(begin, Ordering::SeqCst);
            if driver.main_sleeps.load(Ordering::SeqCst)
                && driver.main_sleeps.swap(false, Ordering::SeqCst)
            {
                driver.wake_main();
            }
        }
        let result = call();
        if self.drives {
            let (success, failure) = (Ordering::AcqRel, Ordering::Acquire);
            let ended = driver
                .turn
                .compare_exchange(begin, WORKER, success, failure);
            self.drives = ended.is_ok();
            self.quick = 0;
        } else if driver.now() - begin > QUICK_CALL.as_micros() as u64 {
            self.quick = 0;
        } else {
            self.quick += 1;
            if self.quick == QUICK_ROW {
                driver.hand_over();
                self.drives = true;
            }
        }
        result
    }

    /// Gives the runtime to the main thread until calls are quick for a while.
    pub(super) fn hand_to_main(&mut self) {
        (self.drives, self.quick) = (false, 0);
        self.driver.turn.store(MAIN, Ordering::Release);
        self.driver.wake_main();
    }

    /// Runs `wake`, and drives the runtime until there is work.
    pub(super) fn drive(&self, wake: Option<&dyn Fn()>) {
        self.driver.runtime.block_on(async {
            if let Some(wake) = wake {
                wake();
            }
            self.driver.work.notified().await;
        });
    }

    /// Runs `wake`, and drives the runtime until everything that is there is handled.
    pub(super) fn drive_once(&self, wake: &dyn Fn()) {
        self.driver.runtime.block_on(async {
            wake();
            // Resumes when the tasks that can run have run, and the selector was asked.
            tokio::task::yield_now().await;
        });
    }
}

impl Drop for WorkerDriver<'_> {
    fn drop(&mut self) {
        self.hand_to_main();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    /// Runs `work` as the worker thread of a driver, whose runtime answers each question that
    /// `work` sends.
    fn with_worker(work: impl FnOnce(&mut WorkerDriver<'_>, &dyn Fn()) + Send + 'static) {
        let driver = Arc::new(LoopDriver::new().unwrap());
        let (question, mut questions) = unbounded_channel::<mpsc::Sender<()>>();
        let answering = async move {
            while let Some(answer) = questions.recv().await {
                answer.send(()).unwrap();
            }
        };
        let shared = Arc::clone(&driver);
        let worker = thread::spawn(move || {
            let ask = move || {
                let (answer, answered) = mpsc::channel();
                question.send(answer).unwrap();
                answered.recv().unwrap();
            };
            work(&mut WorkerDriver::new(&shared), &ask);
        });
        driver.run(answering);
        worker.join().unwrap();
        LoopDriver::shut_down(driver);
    }

    #[test]
    fn runtime_answers_during_a_long_call_and_returns_after_quick_ones() {
        with_worker(|driver, ask| {
            for _ in 0..3 {
                // The answer comes only if another thread drives the runtime meanwhile: at first,
                // the main thread may still be in its last turn, then it takes over.
                while driver.drives() {
                    driver.during(Instant::now(), ask);
                }
                ask();
                // On a busy machine some of these calls take long, too.
                while !driver.drives() {
                    driver.during(Instant::now(), || ());
                }
            }
        });
    }

    #[test]
    fn main_thread_that_sleeps_is_woken_by_a_call() {
        with_worker(|driver, ask| {
            while !driver.driver.main_sleeps.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            while driver.drives() {
                driver.during(Instant::now(), ask);
            }
        });
    }

    #[test]
    fn worker_drives_the_runtime_while_it_waits() {
        with_worker(|driver, _| {
            let (sender, received) = mpsc::channel();
            let shared = driver.driver;
            shared
                .runtime
                .spawn(async move { sender.send(()).unwrap() });
            // At first the main thread may still be in its last turn.
            while received.try_recv().is_err() {
                driver.drive_once(&|| ());
            }
            assert!(shared.notify_worker(), "it waits in the runtime");
            driver.drive(None);
        });
    }

    #[test]
    #[should_panic(expected = "of the task")]
    fn panic_of_the_task_is_passed_on() {
        LoopDriver::new()
            .unwrap()
            .run(async { panic!("of the task") })
    }
}

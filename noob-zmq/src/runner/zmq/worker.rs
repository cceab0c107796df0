//! The thread on which a node's code runs, away from the thread that serves its sockets: a node that computes for a minute still answers.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::graph::Epoch;
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::guard::guarded;

/// What came of a job.
#[derive(Debug)]
pub(crate) enum Done {
    /// The node was made and initialised, or could not be.
    Init(Result<(), NodeError>),
    /// A call.
    Call(Epoch, Result<Outputs, NodeError>),
    /// The node was shut down.
    Deinit(Result<(), NodeError>),
}

/// The thread of a node. Dropping it lets the thread end after what it was asked to do.
#[derive(Debug)]
pub(crate) struct Worker {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    desk: Mutex<Desk>,
    jobs_came: Condvar,
    /// Whether somebody asks how long a call takes.
    timed: bool,
}

/// What lies between the two threads.
#[derive(Debug, Default)]
struct Desk {
    calls: VecDeque<Inputs>,
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
    results: Vec<Done>,
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// What is to be done next, if anything is.
    fn next(&mut self, timed: bool) -> Option<Job> {
        if let Some(inputs) = self.calls.pop_front() {
            self.busy = Some((inputs.epoch.clone(), timed.then(Instant::now)));
            Some(Job::Call(inputs))
        } else if self.deinit {
            Some(Job::Deinit)
        } else if self.deserted {
            Some(Job::End)
        } else {
            None
        }
    }
}

/// What the thread takes from the desk.
enum Job {
    Call(Inputs),
    Deinit,
    End,
}

impl Worker {
    /// Starts the thread, and on it makes and initialises the node. `wake` is called whenever there are results and there were none.
    /// With `timed` it is noted how long calls take.
    pub(crate) fn start(
        name: &str,
        timed: bool,
        make: impl FnOnce() -> Result<Box<dyn Node>, NodeError> + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            timed,
            ..Shared::default()
        });
        let bench = Bench {
            shared: Arc::clone(&shared),
            wake: Box::new(wake),
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || bench.work(make))?;
        Ok(Self { shared })
    }

    /// Has the node called, once for each inputs, in this order. False if the thread has ended.
    pub(crate) fn call(&self, calls: &mut Vec<Inputs>) -> bool {
        let mut desk = self.shared.desk();
        desk.calls.extend(calls.drain(..));
        self.ask(desk)
    }

    /// Takes away the oldest of the calls that were not begun, so that at most `most` are left.
    pub(crate) fn leave_out(&self, most: usize) -> Vec<Inputs> {
        let mut desk = self.shared.desk();
        let surplus = desk.calls.len().saturating_sub(most);
        desk.calls.drain(..surplus).collect()
    }

    /// Has the node shut down, after the call that goes on; those that were not begun are left out. False if the thread has ended.
    pub(crate) fn deinit(&self) -> bool {
        let mut desk = self.shared.desk();
        desk.calls.clear();
        desk.deinit = true;
        self.ask(desk)
    }

    /// Takes the results that are there.
    pub(crate) fn take(&self) -> Vec<Done> {
        std::mem::take(&mut self.shared.desk().results)
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

    fn ask(&self, mut desk: MutexGuard<'_, Desk>) -> bool {
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
struct Bench {
    shared: Arc<Shared>,
    wake: Box<dyn Fn() + Send>,
}

impl Bench {
    fn work(&self, make: impl FnOnce() -> Result<Box<dyn Node>, NodeError>) {
        let made = guarded(|| {
            let mut node = make()?;
            node.init()?;
            Ok(node)
        });
        match made {
            Ok(mut node) => {
                let first = self.tell(Done::Init(Ok(())));
                self.serve(node.as_mut(), first);
            }
            Err(error) => {
                self.tell(Done::Init(Err(error)));
            }
        }
        self.shared.desk().ended = true;
    }

    fn serve(&self, node: &mut dyn Node, mut job: Option<Job>) {
        loop {
            match job.take().unwrap_or_else(|| self.wait()) {
                Job::Call(inputs) => {
                    let mut outputs = Outputs::default();
                    let outcome = guarded(|| node.process(&inputs, &mut outputs));
                    job = self.tell(Done::Call(inputs.epoch, outcome.map(|()| outputs)));
                }
                Job::Deinit => {
                    let outcome = guarded(|| node.deinit());
                    self.tell(Done::Deinit(outcome));
                    return;
                }
                Job::End => return,
            }
        }
    }

    fn wait(&self) -> Job {
        let mut desk = self.shared.desk();
        loop {
            if let Some(job) = desk.next(self.shared.timed) {
                desk.idle = false;
                return job;
            }
            desk.idle = true;
            desk = self
                .shared
                .jobs_came
                .wait(desk)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts down what came of a job, at once, since the next may take long, and takes up the next if there is one. While the other thread
    /// is on its way, what comes is added to what it will find, so that it is woken once for all of that.
    fn tell(&self, done: Done) -> Option<Job> {
        let mut desk = self.shared.desk();
        let first = desk.results.is_empty();
        desk.results.push(done);
        if let Some((_, Some(since))) = desk.busy.take() {
            desk.took += since.elapsed();
        }
        let next = desk.next(self.shared.timed);
        drop(desk);
        if first {
            (self.wake)();
        }
        next
    }
}

//! The thread on which a node's code runs, away from the thread that serves its sockets: a node that computes for a minute still answers.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

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
}

/// What lies between the two threads.
#[derive(Debug, Default)]
struct Desk {
    calls: VecDeque<Inputs>,
    /// Shut the node down once the calls are made.
    deinit: bool,
    /// Nobody will ask for anything any more.
    deserted: bool,
    /// The thread has ended.
    ended: bool,
    results: Vec<Done>,
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the thread takes from the desk.
enum Job {
    Calls(VecDeque<Inputs>),
    Deinit,
    End,
}

impl Worker {
    /// Starts the thread, and on it makes and initialises the node. `wake` is called whenever there are results and there were none.
    pub(crate) fn start(
        name: &str,
        make: impl FnOnce() -> Result<Box<dyn Node>, NodeError> + Send + 'static,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
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

    fn ask(&self, desk: MutexGuard<'_, Desk>) -> bool {
        let ended = desk.ended;
        drop(desk);
        self.shared.jobs_came.notify_one();
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
                self.tell(Done::Init(Ok(())));
                self.serve(node.as_mut());
            }
            Err(error) => {
                self.tell(Done::Init(Err(error)));
            }
        }
        self.shared.desk().ended = true;
    }

    fn serve(&self, node: &mut dyn Node) {
        loop {
            match self.next() {
                Job::Calls(calls) => self.call(node, calls),
                Job::Deinit => {
                    self.tell(Done::Deinit(guarded(|| node.deinit())));
                    return;
                }
                Job::End => return,
            }
        }
    }

    /// Makes the calls, and tells of each at once: the next may take long. While the other thread is on its way, what comes is added to
    /// what it will find, so that it is woken once for all of that.
    fn call(&self, node: &mut dyn Node, calls: VecDeque<Inputs>) {
        for inputs in calls {
            let mut outputs = Outputs::default();
            let outcome = guarded(|| node.process(&inputs, &mut outputs));
            if self.tell(Done::Call(inputs.epoch, outcome.map(|()| outputs))) {
                return;
            }
        }
    }

    fn next(&self) -> Job {
        let mut desk = self.shared.desk();
        loop {
            if !desk.calls.is_empty() {
                return Job::Calls(std::mem::take(&mut desk.calls));
            }
            if desk.deinit {
                return Job::Deinit;
            }
            if desk.deserted {
                return Job::End;
            }
            desk = self
                .shared
                .jobs_came
                .wait(desk)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts down what came of a job, and wakes the other thread if it does not know yet that something lies there. Says whether the node is
    /// to be shut down.
    fn tell(&self, done: Done) -> bool {
        let mut desk = self.shared.desk();
        let first = desk.results.is_empty();
        desk.results.push(done);
        let deinit = desk.deinit;
        drop(desk);
        if first {
            (self.wake)();
        }
        deinit
    }
}

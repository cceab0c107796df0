//! The thread on which a node's code runs, away from the thread that serves its sockets: a node that computes for a minute still answers.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::graph::Epoch;
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::guard::guarded;

/// How long what a call has said may lie while further calls that are there already are made. Two threads that hand over every result of
/// a quick node one by one spend their time with handing over; a node that takes longer than this has each result sent at once.
const LAP: Duration = Duration::from_micros(50);

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
                self.tell([Done::Init(Ok(()))]);
                self.serve(node.as_mut());
            }
            Err(error) => self.tell([Done::Init(Err(error))]),
        }
        self.shared.desk().ended = true;
    }

    fn serve(&self, node: &mut dyn Node) {
        loop {
            match self.next() {
                Job::Calls(calls) => self.call(node, calls),
                Job::Deinit => return self.tell([Done::Deinit(guarded(|| node.deinit()))]),
                Job::End => return,
            }
        }
    }

    fn call(&self, node: &mut dyn Node, mut calls: VecDeque<Inputs>) {
        let mut done = Vec::with_capacity(calls.len());
        let mut lap = Instant::now();
        while let Some(inputs) = calls.pop_front() {
            let mut outputs = Outputs::default();
            let outcome = guarded(|| node.process(&inputs, &mut outputs));
            done.push(Done::Call(inputs.epoch, outcome.map(|()| outputs)));
            if calls.is_empty() || lap.elapsed() > LAP {
                self.tell(done.drain(..));
                if self.shared.desk().deinit {
                    return;
                }
                lap = Instant::now();
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

    fn tell(&self, done: impl IntoIterator<Item = Done>) {
        let mut desk = self.shared.desk();
        let first = desk.results.is_empty();
        desk.results.extend(done);
        drop(desk);
        if first {
            (self.wake)();
        }
    }
}

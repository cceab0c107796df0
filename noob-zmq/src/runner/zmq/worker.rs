//! The thread on which a node's code runs, away from the thread that serves its sockets: a node that computes for a minute still answers.

use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::graph::Epoch;
use crate::node::{Inputs, Node, NodeError, Outputs};
use crate::runner::guard::guarded;

/// What the thread is asked to do.
enum Job {
    Call(Inputs),
    Deinit,
}

/// What came of it.
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
    jobs: mpsc::Sender<Job>,
}

/// What came of the jobs, until somebody takes it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Results(Arc<Mutex<Vec<Done>>>);

impl Results {
    /// Takes all that is there.
    pub(crate) fn take(&self) -> Vec<Done> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts something in; says whether there was nothing before, so that somebody must be woken.
    fn put(&self, done: Done) -> bool {
        let mut results = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        results.push(done);
        results.len() == 1
    }
}

impl Worker {
    /// Starts the thread, and on it makes and initialises the node. `wake` is called whenever there are results and there were none.
    pub(crate) fn start(
        name: &str,
        make: impl FnOnce() -> Result<Box<dyn Node>, NodeError> + Send + 'static,
        results: Results,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let work = move || {
            let put = |done| {
                if results.put(done) {
                    wake();
                }
            };
            let made = guarded(|| {
                let mut node = make()?;
                node.init()?;
                Ok(node)
            });
            let mut node = match made {
                Ok(node) => {
                    put(Done::Init(Ok(())));
                    node
                }
                Err(error) => return put(Done::Init(Err(error))),
            };
            while let Ok(job) = queue.recv() {
                match job {
                    Job::Call(inputs) => {
                        let mut outputs = Outputs::default();
                        let outcome = guarded(|| node.process(&inputs, &mut outputs));
                        put(Done::Call(inputs.epoch, outcome.map(|()| outputs)));
                    }
                    Job::Deinit => return put(Done::Deinit(guarded(|| node.deinit()))),
                }
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Self { jobs })
    }

    /// Has the node called. False if the thread has ended.
    pub(crate) fn call(&self, inputs: Inputs) -> bool {
        self.jobs.send(Job::Call(inputs)).is_ok()
    }

    /// Has the node shut down, after the calls that were asked for. False if the thread has ended.
    pub(crate) fn deinit(&self) -> bool {
        self.jobs.send(Job::Deinit).is_ok()
    }
}

//! The three runners behind one class.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, TryLockError};

use noob_zmq::runner::{RunError, RunLimit, Stopper, Watcher};
use noob_zmq::{Runner as _, RunnerHandle, SyncRunner, TaskRunner, ZmqRunner};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use super::callback::{Raised, callback};
use super::forked::Owner;
use super::interrupt::Interruptible;
use super::returned::Returned;
use super::settings::{Settings, node_program};
use super::{Tube, reports};
use crate::convert::{Objects, mapping};
use crate::errors::run_error;

enum Kind {
    Sync(Box<SyncRunner>),
    Task(Box<TaskRunner>),
    Zmq(Box<ZmqRunner>),
}

impl Kind {
    fn runner(&mut self) -> &mut dyn noob_zmq::Runner {
        match self {
            Self::Sync(runner) => &mut **runner,
            Self::Task(runner) => &mut **runner,
            Self::Zmq(runner) => &mut **runner,
        }
    }

    fn running(&self) -> bool {
        match self {
            Self::Sync(runner) => runner.running(),
            Self::Task(runner) => runner.running(),
            Self::Zmq(runner) => runner.running(),
        }
    }
}

/// A runner of a tube.
#[pyclass(frozen, module = "noob_zmq._native")]
pub(crate) struct Runner {
    /// Locked during a call, with the interpreter released.
    kind: Arc<Mutex<Kind>>,
    /// Process that has the threads of the run.
    owner: Owner,
    /// View of the run, also during a call of another thread.
    watcher: Watcher,
    stopper: Stopper,
    raised: Raised,
    /// Way for further threads, where the runner has one.
    handle: OnceLock<RunnerHandle>,
    returned: Returned,
    /// Way of objects in inputs.
    objects: Objects,
}

#[pymethods]
impl Runner {
    /// A runner that calls the nodes in the calling thread.
    #[staticmethod]
    fn sync(py: Python<'_>, tube: &Tube) -> PyResult<Self> {
        let runner = SyncRunner::new(tube.0.clone()).map_err(|error| run_error(py, &error))?;
        Ok(Self::new(tube, Kind::Sync(Box::new(runner))))
    }

    /// A runner that calls the nodes on threads of this process.
    #[staticmethod]
    fn task(py: Python<'_>, tube: &Tube, window: Option<u32>) -> PyResult<Self> {
        let mut runner = TaskRunner::new(tube.0.clone()).map_err(|error| run_error(py, &error))?;
        if let Some(window) = window {
            runner = runner.window(window);
        }
        Ok(Self::new(tube, Kind::Task(Box::new(runner))))
    }

    /// A runner with a process for each node; `program` and `env` start the process of a node.
    #[staticmethod]
    fn zmq(
        tube: &Tube,
        program: Vec<String>,
        env: Vec<(String, String)>,
        settings: Settings,
    ) -> PyResult<Self> {
        let builder = settings.builder(tube, node_program(program, env)?)?;
        Ok(Self::new(tube, Kind::Zmq(Box::new(builder.build()))))
    }

    fn init(&self, py: Python<'_>) -> PyResult<()> {
        self.owner.enter(py)?;
        self.call(py, |kind| kind.runner().init())
    }

    fn deinit(&self, py: Python<'_>) -> PyResult<()> {
        if self.owner.is_another() {
            return Ok(());
        }
        let ended = self.call(py, |kind| kind.runner().deinit());
        self.owner.leave();
        ended
    }

    #[getter]
    fn running(&self, py: Python<'_>) -> bool {
        // A runner that is in a call is running.
        py.detach(|| self.lock().map_or(true, |kind| kind.running()))
    }

    #[pyo3(signature = (inputs=None))]
    fn process<'py>(
        &self,
        py: Python<'py>,
        inputs: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.owner.enter(py)?;
        let inputs = mapping(inputs, self.objects)?;
        let value = self.interruptible(py, |kind| match kind {
            Ok(kind) => {
                let value = kind.runner().process_map(inputs);
                self.note_handle(kind);
                value
            }
            // Another thread is in a call of the runner: this one runs its own epoch beside it.
            Err(busy) => match self.handle.get() {
                Some(handle) => handle.process(inputs),
                None => Err(busy),
            },
        })?;
        value
            .map(|value| self.returned.to_python(py, &value))
            .transpose()
    }

    /// Runs epochs, and returns the values that are not `None`.
    fn run<'py>(&self, py: Python<'py>, n: Option<u64>) -> PyResult<Bound<'py, PyList>> {
        self.owner.enter(py)?;
        let values = self.interruptible(py, |kind| {
            let mut values = Vec::new();
            let each = &mut |value| {
                values.push(value);
                ControlFlow::Continue(())
            };
            kind?.runner().run_each_up_to(RunLimit::from(n), each)?;
            Ok(values)
        })?;
        let list = PyList::empty(py);
        for value in values.iter().filter(|value| !value.is_null()) {
            list.append(self.returned.to_python(py, value)?)?;
        }
        Ok(list)
    }

    /// Returns the next of `n` values, or `None` where the sources have ended.
    fn next<'py>(&self, py: Python<'py>, n: Option<u64>) -> PyResult<Option<(Bound<'py, PyAny>,)>> {
        self.owner.enter(py)?;
        let value = self.interruptible(py, |kind| {
            kind?
                .runner()
                .iter_up_to(RunLimit::from(n))?
                .next()
                .transpose()
        })?;
        value
            .map(|value| Ok((self.returned.to_python(py, &value)?,)))
            .transpose()
    }

    /// Starts a run in the background.
    fn start(&self, py: Python<'_>) -> PyResult<()> {
        self.owner.enter(py)?;
        self.call(py, |kind| kind.runner().start())
    }

    /// Stops a run, of this or of another thread; returns the number of epochs of one in the
    /// background.
    fn stop(&self, py: Python<'_>) -> PyResult<u64> {
        self.owner.enter(py)?;
        let stopped = py.detach(|| match self.lock() {
            Ok(mut kind) => kind.runner().stop(),
            Err(_) => {
                self.stopper.stop();
                Ok(0)
            }
        });
        if let Some(raised) = self.raised.take() {
            return Err(raised);
        }
        stopped.map_err(|error| run_error(py, &error))
    }

    fn set_node_enabled(&self, py: Python<'_>, id: &str, enabled: bool) -> PyResult<()> {
        self.owner.enter(py)?;
        self.call(py, |kind| kind.runner().set_node_enabled(id, enabled))
    }

    fn add_callback(&self, py: Python<'_>, function: Py<PyAny>) -> PyResult<()> {
        let callback = callback(function, self.raised.clone(), self.stopper.clone());
        self.call(py, |kind| {
            kind.runner().add_callback(callback);
            Ok(())
        })
    }

    fn set_max_iter_loops(&self, py: Python<'_>, epochs: u64) -> PyResult<()> {
        self.call(py, |kind| {
            kind.runner().set_max_iter_loops(epochs);
            Ok(())
        })
    }

    /// Returns the report of a run, as far as the runner keeps one.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let report = self.call(py, |kind| {
            Ok(match kind {
                Kind::Zmq(runner) => Some(runner.report()),
                _ => None,
            })
        })?;
        report
            .map(|report| reports::report(py, &report))
            .transpose()
    }

    /// Returns the status of each node; also during a call of another thread.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let status = py.detach(|| self.watcher.status());
        reports::status(py, &status.nodes)
    }

    /// Returns the process ids of the nodes, once they were started; also during a call of another
    /// thread.
    fn processes(&self, py: Python<'_>) -> Vec<(String, u32)> {
        let status = py.detach(|| self.watcher.status());
        let nodes = status.nodes.into_iter();
        nodes
            .filter_map(|node| Some((node.node.to_string(), node.pid?)))
            .collect()
    }

    #[getter]
    fn runner_id(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.call(py, |kind| {
            Ok(match kind {
                Kind::Zmq(runner) => runner.runner_id().map(ToOwned::to_owned),
                _ => None,
            })
        })
    }
}

impl Runner {
    fn new(tube: &Tube, mut kind: Kind) -> Self {
        let objects = match kind {
            Kind::Sync(_) | Kind::Task(_) => Objects::Shared,
            Kind::Zmq(_) => Objects::Pickled,
        };
        Self {
            owner: Owner::new(!matches!(kind, Kind::Sync(_))),
            watcher: kind.runner().watcher(),
            objects,
            stopper: kind.runner().stopper(),
            kind: Arc::new(Mutex::new(kind)),
            raised: Raised::default(),
            handle: OnceLock::new(),
            returned: Returned::of(&tube.0),
        }
    }

    /// Locks the runner, unless another thread is in a call, or this one is in a callback.
    fn lock(&self) -> Result<MutexGuard<'_, Kind>, RunError> {
        match self.kind.try_lock() {
            Ok(kind) => Ok(kind),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(RunError::InCallback),
        }
    }

    fn note_handle(&self, kind: &Kind) {
        if self.handle.get().is_some() {
            return;
        }
        let handle = match kind {
            Kind::Sync(_) => return,
            Kind::Task(runner) => runner.runner_handle(),
            Kind::Zmq(runner) => runner.runner_handle(),
        };
        if let Ok(handle) = handle {
            let _ = self.handle.set(handle);
        }
    }

    /// Calls the runner with the interpreter released.
    fn call<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(&mut Kind) -> Result<T, RunError> + Send,
    ) -> PyResult<T> {
        let done = py.detach(|| call(&mut *self.lock()?));
        done.map_err(|error| self.error(py, &error))
    }

    /// Calls the runner so that Ctrl-C ends the call; raises the exception of a callback.
    fn interruptible<T: Send>(
        &self,
        py: Python<'_>,
        call: impl FnOnce(Result<&mut Kind, RunError>) -> Result<T, RunError> + Send,
    ) -> PyResult<T> {
        let interruptible = Interruptible::begin(py, &self.stopper)?;
        let done = py.detach(|| match self.lock() {
            Ok(mut kind) => call(Ok(&mut kind)),
            Err(busy) => call(Err(busy)),
        });
        interruptible.end(py)?;
        if let Some(raised) = self.raised.take() {
            return Err(raised);
        }
        done.map_err(|error| run_error(py, &error))
    }

    fn error(&self, py: Python<'_>, error: &RunError) -> PyErr {
        match error {
            RunError::InCallback => PyRuntimeError::new_err(
                "the runner is in a call of another thread, or of the caller of this callback",
            ),
            error => run_error(py, error),
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if self.owner.is_another() {
            // Its end would wait for threads that are not in this process.
            std::mem::forget(Arc::clone(&self.kind));
        }
    }
}

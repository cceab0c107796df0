//! Process that a started runner belongs to.
//!
//! A process that was forked, such as by `os.fork`, has a copy of a runner and none of its threads:
//! its calls would wait without end.

use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::prelude::*;

use crate::errors::exception;

/// Process that has the threads of a runner, from the first call to the end of the run.
pub(super) struct Owner {
    has_threads: bool,
    /// Id of the process; 0 while there is none.
    process: AtomicU32,
}

impl Owner {
    /// Owner of a runner that is not started; `has_threads` tells whether a start makes any.
    pub(super) const fn new(has_threads: bool) -> Self {
        Self {
            has_threads,
            process: AtomicU32::new(0),
        }
    }

    /// Notes that this process uses the runner.
    ///
    /// # Errors
    /// Another process does, which has forked this one.
    pub(super) fn enter(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_another() {
            let text = "the runner was started by the process that has forked this one, which has \
                        none of its threads: make a runner of its own here";
            return Err(exception(py, "RunnerError", text.to_owned())?);
        }
        if self.has_threads {
            self.process.store(std::process::id(), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Notes that the run has ended.
    pub(super) fn leave(&self) {
        self.process.store(0, Ordering::Relaxed);
    }

    /// Whether the runner belongs to another process.
    pub(super) fn is_another(&self) -> bool {
        let process = self.process.load(Ordering::Relaxed);
        process != 0 && process != std::process::id()
    }
}

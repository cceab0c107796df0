//! End of `#[noob_zmq::main]`: the report of an error that `main` returns, and the exit code.
//!
//! Method resolution chooses among three `report`s: those of boxed errors, that of an error type,
//! and that of every other [`Termination`].

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::process::{ExitCode, Termination};

use crate::error_report::write_report;
use crate::tube::LoadError;

/// Result of the user's `main`, and its [`Termination::report`].
///
/// The type has no bound, so that rustc reports a result that `main` cannot have once: where the
/// expansion names that function.
#[derive(Debug)]
pub struct MainReport<T> {
    result: RefCell<Option<T>>,
    plain: fn(T) -> ExitCode,
}

impl<T> MainReport<T> {
    /// Wraps the result of a `main` that has returned.
    pub const fn new(result: T, plain: fn(T) -> ExitCode) -> Self {
        Self {
            result: RefCell::new(Some(result)),
            plain,
        }
    }

    /// Runs an `async fn main` on a multi-thread runtime, and wraps its result.
    ///
    /// # Errors
    /// The exit code of a process whose runtime cannot start; the reason is on standard error.
    pub fn block_on(
        main: impl Future<Output = T>,
        plain: fn(T) -> ExitCode,
    ) -> Result<Self, ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => Ok(Self::new(runtime.block_on(main), plain)),
            Err(error) => {
                eprintln!("Error: the runtime of `main` cannot start: {error}");
                Err(ExitCode::FAILURE)
            }
        }
    }
}

impl<T: Termination> MainReport<Result<T, Box<dyn Error>>> {
    /// Prints the error with its causes, and returns the exit code.
    #[must_use]
    pub fn report(self) -> ExitCode {
        report_result(self.result.into_inner(), |error| &**error)
    }
}

impl<T: Termination> MainReport<Result<T, Box<dyn Error + Send + Sync>>> {
    /// Prints the error with its causes, and returns the exit code.
    #[must_use]
    pub fn report(self) -> ExitCode {
        report_result(self.result.into_inner(), |error| &**error)
    }
}

/// `main` that returns an error type.
pub trait ErrorMain {
    /// Prints the error with its causes, and returns the exit code.
    fn report(self) -> ExitCode;
}

impl<T: Termination, E: Error + 'static> ErrorMain for MainReport<Result<T, E>> {
    fn report(self) -> ExitCode {
        report_result(self.result.into_inner(), |error| error)
    }
}

/// `main` that returns anything else.
pub trait PlainMain {
    /// Reports as the standard library does.
    fn report(self) -> ExitCode;
}

impl<T> PlainMain for &MainReport<T> {
    fn report(self) -> ExitCode {
        let result = self.result.take();
        result.map_or(ExitCode::SUCCESS, self.plain)
    }
}

fn report_result<T: Termination, E>(
    result: Option<Result<T, E>>,
    as_error: impl FnOnce(&E) -> &(dyn Error + 'static),
) -> ExitCode {
    match result {
        Some(Ok(value)) => value.report(),
        Some(Err(error)) => {
            eprintln!("Error: {}", Report(as_error(&error)));
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}

struct Report<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.downcast_ref::<LoadError>() {
            // With a snippet for each mistake of the file.
            Some(error) => write!(f, "{error:?}"),
            None => write_report(f, self.0),
        }
    }
}

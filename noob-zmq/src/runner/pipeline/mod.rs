//! Runs many epochs at once on behalf of a caller: epoch numbers, the in-flight window, the
//! background run, the handle for other threads, and the iterator over results.
//!
//! Used by the runners that have several epochs open at once. The code here runs on the thread of
//! the caller, or on that of a background run; the coordinator, which runs elsewhere, is reached
//! through [`CoordinatorHandle`].

mod background;
mod driver;
mod epoch_numbers;
mod handle;
mod in_flight;
mod iter;
mod prefetch;
mod stopper;

pub use driver::PipelinedRunner;
pub(crate) use driver::{Backend, RunStart};
pub(crate) use epoch_numbers::{CoordinatorCall, CoordinatorHandle};
pub use handle::RunnerHandle;
pub(crate) use handle::block_on;
pub(crate) use in_flight::InFlightWindow;
pub use iter::EpochResults;
pub(crate) use iter::{MAX_ITER_LOOPS, ResultReader};
pub use stopper::Stopper;

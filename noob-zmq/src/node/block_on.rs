//! Runs the futures of async nodes to their end.

use std::cell::Cell;
use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use super::NodeError;

thread_local! {
    /// This thread belongs to a runtime, and was made for code that waits.
    static MAY_WAIT: Cell<bool> = const { Cell::new(false) };
}

/// Runs code that may block this thread, although the thread belongs to a runtime (as one for
/// blocking code).
pub(crate) fn with_blocking_allowed<T>(code: impl FnOnce() -> T) -> T {
    let before = MAY_WAIT.replace(true);
    let outcome = code();
    MAY_WAIT.set(before);
    outcome
}

/// Blocks until the future of an async node is ready.
///
/// All async nodes of a process share one runtime, so that connections and tasks that they open
/// live on between calls. Within an asynchronous program the future runs on a thread of its own.
///
/// # Errors
/// The runtime cannot be started.
pub fn block_on<F>(future: F) -> Result<F::Output, NodeError>
where
    F: Future + Send,
    F::Output: Send,
{
    static RUNTIME: OnceLock<Result<Runtime, NodeError>> = OnceLock::new();
    let runtime = RUNTIME
        .get_or_init(|| {
            let built = Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("noob-async-nodes")
                .enable_all()
                .build();
            built.map_err(|error| {
                NodeError::from(error).context("the runtime of async nodes cannot start")
            })
        })
        .as_ref()
        .map_err(Clone::clone)?;
    if MAY_WAIT.get() || Handle::try_current().is_err() {
        return Ok(runtime.block_on(future));
    }
    std::thread::scope(
        |scope| match scope.spawn(|| runtime.block_on(future)).join() {
            Ok(output) => Ok(output),
            Err(panic) => std::panic::resume_unwind(panic),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn later() -> u32 {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        7
    }

    #[test]
    fn block_on_returns_the_output() {
        assert_eq!(block_on(later()), Ok(7));
    }

    #[tokio::test]
    async fn block_on_works_inside_a_runtime() {
        assert_eq!(block_on(later()), Ok(7));
    }
}

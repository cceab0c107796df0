//! Time in which this process was running.
//!
//! A deadline that others must keep is measured in such time: a process that was stopped (SIGSTOP,
//! a suspended machine) cannot have seen that they kept it.

use std::time::{Duration, Instant};

/// Longest time that is waited at once.
const SLICE: Duration = Duration::from_millis(100);
/// Longest time that counts for one wait: a busy machine is late, but not as late.
const MAX_COUNTED: Duration = Duration::from_millis(500);

/// Sleeps for this time, in which the process must be running: the time for which it was stopped is
/// not counted.
///
/// # Cancel safety
/// Cancel-safe; a new call begins anew.
pub(crate) async fn sleep_while_running(time: Duration) {
    let mut left = time;
    while !left.is_zero() {
        let begun = Instant::now();
        tokio::time::sleep(left.min(SLICE)).await;
        left = left.saturating_sub(begun.elapsed().min(MAX_COUNTED));
    }
}

/// Runs a future for at most this time, in which the process must be running; returns `None` when
/// the time is over.
///
/// # Cancel safety
/// As that of the future.
pub(crate) async fn timeout_while_running<T>(
    time: Duration,
    future: impl Future<Output = T>,
) -> Option<T> {
    // Biased: a future that is ready after the process was stopped wins over the time.
    tokio::select! {
        biased;
        output = future => Some(output),
        () = sleep_while_running(time) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_over_ends_a_future() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let never = std::future::pending::<()>();
            assert_eq!(timeout_while_running(SLICE / 10, never).await, None);
            assert_eq!(timeout_while_running(SLICE, async { 1 }).await, Some(1));
        });
    }
}

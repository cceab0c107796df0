//! Locks that stay usable after a panic of a thread that held them, and watch channels that wake
//! their receivers only where a value differs.

#[cfg(any(feature = "otel", feature = "record"))]
use std::sync::Condvar;
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(feature = "otel")]
use std::time::Duration;

/// Locks `mutex`, also where a thread panicked while it held the lock.
///
/// A panic in the code of a node is caught and reported as the failure of that node. The data
/// behind the lock is an object of the user or state that is changed in one step, so refusing a
/// poisoned lock would only turn one reported panic into many.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits on `condvar`, and locks again as [`lock`] does.
#[cfg(feature = "record")]
pub(crate) fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Waits on `condvar` for this time at most, and locks again as [`lock`] does.
#[cfg(feature = "otel")]
pub(crate) fn wait_timeout<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    time: Duration,
) -> MutexGuard<'a, T> {
    let waited = condvar.wait_timeout(guard, time);
    waited.unwrap_or_else(PoisonError::into_inner).0
}

/// Replaces the value of a watch channel, and wakes its receivers only if the value differs.
#[cfg(feature = "remote")]
pub(crate) fn replace<T: PartialEq>(channel: &tokio::sync::watch::Sender<T>, value: T) {
    channel.send_if_modified(|current| {
        let is_changed = *current != value;
        *current = value;
        is_changed
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_of_a_panicked_thread_is_taken() {
        let mutex = Mutex::new(1);
        let panicked = std::thread::scope(|scope| {
            let holder = scope.spawn(|| {
                let _held = lock(&mutex);
                panic!("expected by the test");
            });
            holder.join().is_err()
        });
        assert!(panicked && mutex.is_poisoned());
        assert_eq!(*lock(&mutex), 1);
    }
}

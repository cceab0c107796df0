//! Ways to an actor that runs: the guard of its task, and handles for other tasks and threads.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::ActorError;

/// Source of the numbers by which loops know their own handles.
static NEXT_LOOP: AtomicU64 = AtomicU64::new(0);

tokio::task_local! {
    /// Number of the loop whose handlers run, in their task only.
    static CURRENT_LOOP: u64;
}

/// Closure that a handle has the loop run.
///
/// A closure that captures nothing is boxed without an allocation, so that signals such as "results
/// are there" cost none.
pub(super) type Task<A> = Box<dyn FnOnce(&mut A) + Send>;

/// Message of a [`Handle`] to its loop.
pub(super) enum LoopMsg<A> {
    Run(Task<A>),
    RunBehindArrived(Task<A>),
    Stop,
}

/// Guard of an actor that runs as a task; dropping it stops the actor.
///
/// Dereferences to the [`Handle`] of the actor. The drop does not wait: the actor handles what has
/// arrived and closes its sockets in the background. [`stop`](Self::stop) waits for that.
#[derive(Debug)]
#[must_use = "dropping the guard stops the actor"]
pub struct ActorGuard<A> {
    handle: Handle<A>,
    task: JoinHandle<()>,
}

impl<A> ActorGuard<A> {
    pub(super) const fn new(handle: Handle<A>, task: JoinHandle<()>) -> Self {
        Self { handle, task }
    }

    /// Returns a handle by which others reach the actor.
    #[must_use]
    pub fn handle(&self) -> Handle<A> {
        self.handle.clone()
    }

    /// Stops the actor, and waits until its queued messages are sent and its sockets are closed.
    ///
    /// # Errors
    /// Returns [`ActorError::Panicked`] if a handler has panicked, which ended the actor.
    ///
    /// # Cancel safety
    /// Dropping the future does not revoke the stop.
    pub async fn stop(self) -> Result<(), ActorError> {
        self.handle.stop();
        self.join().await
    }

    /// Waits until the actor has ended: by [`Handle::stop`], or by a panic of a handler.
    ///
    /// # Errors
    /// Returns [`ActorError::Panicked`] if a handler has panicked.
    ///
    /// # Cancel safety
    /// Dropping the future drops the guard, which stops the actor.
    pub async fn join(mut self) -> Result<(), ActorError> {
        match (&mut self.task).await {
            Err(error) if error.is_panic() => Err(ActorError::Panicked {
                message: panic_message(&*error.into_panic()),
            }),
            // The runtime that is shut down cancels the task.
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Returns the message of a panic.
fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the panic has no text".to_owned())
}

impl<A> std::ops::Deref for ActorGuard<A> {
    type Target = Handle<A>;

    fn deref(&self) -> &Handle<A> {
        &self.handle
    }
}

impl<A> Drop for ActorGuard<A> {
    fn drop(&mut self) {
        self.handle.stop();
    }
}

/// Handle by which other tasks and threads reach an actor while its loop runs.
///
/// Cheap to clone. Handles do not keep the actor running: after [`stop`](Self::stop), or when the
/// loop has ended, all calls return [`ActorError::Stopped`]. Closures run on the loop of the actor,
/// between two messages, in the order of the calls of one handle; they must not block.
pub struct Handle<A> {
    sender: mpsc::UnboundedSender<LoopMsg<A>>,
    /// Number of the loop.
    number: u64,
}

impl<A> Handle<A> {
    pub(super) fn new(sender: mpsc::UnboundedSender<LoopMsg<A>>) -> Self {
        let number = NEXT_LOOP.fetch_add(1, Ordering::Relaxed);
        Self { sender, number }
    }

    /// Runs the loop of this handle, so that a handler which asks its own actor is seen.
    pub(super) async fn within(self, running: impl Future<Output = ()>) {
        CURRENT_LOOP.scope(self.number, running).await;
    }

    /// Runs `task` with the actor, between two messages, and returns without waiting for that.
    ///
    /// `Ok` means that the task is queued; if the actor is stopped before, the task is dropped.
    ///
    /// # Errors
    /// Returns [`ActorError::Stopped`] if the loop has ended.
    pub fn tell(&self, task: impl FnOnce(&mut A) + Send + 'static) -> Result<(), ActorError> {
        self.sender
            .send(LoopMsg::Run(Box::new(task)))
            .map_err(|_| ActorError::Stopped)
    }

    /// Runs `task` with the actor when the messages that have arrived by now are handled, and
    /// returns without waiting for that.
    ///
    /// # Errors
    /// As [`tell`](Self::tell).
    pub(crate) fn tell_behind_arrived(
        &self,
        task: impl FnOnce(&mut A) + Send + 'static,
    ) -> Result<(), ActorError> {
        self.sender
            .send(LoopMsg::RunBehindArrived(Box::new(task)))
            .map_err(|_| ActorError::Stopped)
    }

    /// Runs `task` with the actor, between two messages, and returns its result.
    ///
    /// # Errors
    /// Returns [`ActorError::Stopped`] if the loop has ended, or ends before the task has run, and
    /// [`ActorError::AsksItself`] in a handler of the actor itself.
    ///
    /// # Cancel safety
    /// Dropping the future after its first poll does not revoke the task: only the result is lost.
    pub async fn ask<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut A) -> R + Send + 'static,
    ) -> Result<R, ActorError> {
        self.check_not_own()?;
        let (sender, answer) = oneshot::channel();
        self.tell(|actor| {
            // The caller may have lost interest.
            let _ = sender.send(task(actor));
        })?;
        answer.await.map_err(|_| ActorError::Stopped)
    }

    /// Runs `task` with the actor, between two messages, and blocks until its result is there.
    ///
    /// Must not be called on a thread of the runtime of the actor: the loop might never run again.
    ///
    /// # Errors
    /// Returns [`ActorError::Stopped`] if the loop has ended, or ends before the task has run, and
    /// [`ActorError::AsksItself`] in a handler of the actor itself.
    pub fn ask_blocking<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut A) -> R + Send + 'static,
    ) -> Result<R, ActorError> {
        self.check_not_own()?;
        let (sender, answer) = std::sync::mpsc::channel();
        self.tell(move |actor| {
            // The receiver waits below, unless its thread has panicked.
            let _ = sender.send(task(actor));
        })?;
        answer.recv().map_err(|_| ActorError::Stopped)
    }

    /// Checks that the caller is no handler of the actor, which would wait for itself for ever.
    fn check_not_own(&self) -> Result<(), ActorError> {
        match CURRENT_LOOP.try_with(|number| *number == self.number) {
            Ok(true) => Err(ActorError::AsksItself),
            Ok(false) | Err(_) => Ok(()),
        }
    }

    /// Ends the loop after the messages that have arrived by then.
    ///
    /// Returns at once, and does nothing if the loop has ended.
    pub fn stop(&self) {
        let _ = self.sender.send(LoopMsg::Stop);
    }
}

impl<A> Clone for Handle<A> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            number: self.number,
        }
    }
}

impl<A> fmt::Debug for Handle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

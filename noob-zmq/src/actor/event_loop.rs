//! Event loop of an actor: receives messages, checks and decodes them, and calls the handlers.
//!
//! Each loop owns one actor, so that handlers need no locks. All loops run as tasks of the tokio
//! runtime that started them; the sockets themselves belong to tasks of `transport`.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::error::DisplayChain;
use super::sender_check::SenderPolicy;
use super::{Actor, ActorError, Context, Opener, RejectCounters, Scope, Sockets};
use crate::transport::file_name::file_name;
use crate::transport::{FLUSH, Inbound};
use crate::wire::RawMessage;

/// Number of messages that are handled before the loop looks at its tasks again.
const TURN: usize = 64;
/// Time that the sockets of a stopped actor may take to send what is queued.
///
/// Sockets wait as long for peers to connect, and as long again for peers that do not read.
const CLOSE_TIMEOUT: Duration = FLUSH.saturating_mul(2);

/// Actor with open sockets, before its event loop runs.
///
/// [`Actor::run`] opens and starts an actor in one call. Use an `ActorLoop` where more is needed:
/// an [`Opener`] of one's own, a hook before the loop waits, or a task of one's own to run the loop
/// in.
///
/// # Examples
///
/// ```no_run
/// # use noob_zmq::actor::{Actor, ActorError, ActorLoop, Scope};
/// # async fn example<A: Actor + 'static>(
/// #     scope: Scope,
/// #     make: impl FnOnce(A::Sockets) -> A,
/// # ) -> Result<(), ActorError> {
/// let actor = ActorLoop::open(scope, make).await?;
/// let handle = actor.handle();
/// let task = tokio::spawn(actor.run());
/// // .. handle.tell(|actor| ..), handle.ask(|actor| ..) ..
/// handle.stop();
/// # Ok(()) }
/// ```
pub struct ActorLoop<A: Actor> {
    actor: A,
    inbound: mpsc::Receiver<Inbound>,
    messages: mpsc::UnboundedReceiver<LoopMsg<A>>,
    handle: Handle<A>,
    socket_tasks: Vec<JoinHandle<()>>,
    /// Rules for the senders on each socket, by the number of the socket.
    policies: Vec<SenderPolicy>,
    reject_counters: RejectCounters,
    on_idle: Option<fn(&mut A)>,
    /// Number of messages that were handled.
    handled: u64,
    /// Closures that run when this number of messages is handled, lowest first.
    deferred: VecDeque<(u64, Task<A>)>,
}

/// Closure that a handle has the loop run.
///
/// A closure that captures nothing is boxed without an allocation, so that signals such as "results
/// are there" cost none.
type Task<A> = Box<dyn FnOnce(&mut A) + Send>;

/// Message of a [`Handle`] to its loop.
enum LoopMsg<A> {
    Run(Task<A>),
    RunBehindArrived(Task<A>),
    Stop,
}

impl<A: Actor> ActorLoop<A> {
    /// Opens the sockets of the spec of `A`, and makes the actor from them.
    ///
    /// Must be called in a tokio runtime. Dropping the future closes the sockets opened so far.
    ///
    /// # Errors
    /// Returns an error if a socket cannot be opened.
    pub async fn open(
        scope: Scope,
        make: impl FnOnce(A::Sockets) -> A,
    ) -> Result<Self, ActorError> {
        Self::open_with(Opener::new(<A::Sockets as Sockets>::SPEC, scope), make).await
    }

    /// Opens the sockets by an opener of one's own, which must be for the spec of `A`.
    ///
    /// Must be called in a tokio runtime. Dropping the future closes the sockets opened so far.
    ///
    /// # Errors
    /// Returns an error if a socket cannot be opened.
    pub async fn open_with(
        mut opener: Opener,
        make: impl FnOnce(A::Sockets) -> A,
    ) -> Result<Self, ActorError> {
        let sockets = A::Sockets::open(&mut opener, 0).await?;
        let (sender, messages) = mpsc::unbounded_channel();
        Ok(Self {
            actor: make(sockets),
            policies: opener.policies(),
            inbound: opener.inbound,
            messages,
            handle: Handle { sender },
            socket_tasks: opener.socket_tasks,
            reject_counters: opener.reject_counters,
            on_idle: None,
            handled: 0,
            deferred: VecDeque::new(),
        })
    }

    /// Sets a function that is called each time before the loop waits, when everything that had
    /// arrived is handled.
    ///
    /// That is the moment to send what handlers have collected, without waiting for more.
    #[must_use]
    pub const fn on_idle(mut self, on_idle: fn(&mut A)) -> Self {
        self.on_idle = Some(on_idle);
        self
    }

    /// Returns a handle by which others reach the actor while the loop runs.
    #[must_use]
    pub fn handle(&self) -> Handle<A> {
        self.handle.clone()
    }

    /// Returns the counters of the messages that the loop has dropped as undecodable or not
    /// authorized.
    #[must_use]
    pub const fn reject_counters(&self) -> &RejectCounters {
        &self.reject_counters
    }

    /// Starts the loop as a task of the current tokio runtime.
    ///
    /// # Panics
    /// Panics outside of a tokio runtime.
    #[must_use = "dropping the guard stops the actor"]
    pub fn spawn(self) -> ActorGuard<A>
    where
        A: 'static,
    {
        ActorGuard {
            handle: self.handle(),
            task: tokio::spawn(self.run()),
        }
    }

    /// Runs the loop until [`Handle::stop`], then closes the sockets.
    ///
    /// Messages queued on the sockets are sent first; for a peer that does not read, the loop waits
    /// two seconds at most. An error of a handler and a message that cannot be decoded are logged;
    /// neither ends the loop.
    ///
    /// # Cancel safety
    /// Dropping the future ends the actor at once: messages that have arrived and are not handled
    /// yet are lost.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(TURN);
        'running: loop {
            // Biased: a task or a stop must not wait behind messages that never cease to arrive.
            // Both branches are cancel-safe; what is not received stays in its channel.
            tokio::select! {
                biased;
                message = self.messages.recv() => match message {
                    Some(LoopMsg::Run(task)) => task(&mut self.actor),
                    Some(LoopMsg::RunBehindArrived(task)) => self.defer(task),
                    Some(LoopMsg::Stop) | None => break 'running,
                },
                _ = self.inbound.recv_many(&mut batch, TURN) => self.deliver(&mut batch).await,
            }
            // What is there already belongs to this turn, so that `on_idle` is called once for all
            // of it.
            loop {
                match self.messages.try_recv() {
                    Ok(LoopMsg::Run(task)) => task(&mut self.actor),
                    Ok(LoopMsg::RunBehindArrived(task)) => self.defer(task),
                    Ok(LoopMsg::Stop) => break 'running,
                    Err(_) => match self.inbound.try_recv() {
                        Ok(inbound) => {
                            batch.push(inbound);
                            self.deliver(&mut batch).await;
                        }
                        Err(_) => break,
                    },
                }
            }
            self.call_on_idle();
        }
        // A stop is ordered behind what had arrived before it. The count is taken first: peers that
        // go on sending must not delay the end.
        for _ in 0..self.inbound.len() {
            batch.extend(self.inbound.try_recv());
        }
        self.deliver(&mut batch).await;
        self.call_on_idle();
        let Self {
            actor,
            socket_tasks,
            inbound,
            ..
        } = self;
        // The tasks of the sockets end when the last handle to their socket is gone.
        drop(actor);
        let closed = tokio::time::timeout(CLOSE_TIMEOUT, async {
            for task in socket_tasks {
                let _ = task.await;
            }
        });
        if closed.await.is_err() {
            tracing::warn!("a peer does not read; what was queued for it is dropped");
        }
        // Kept until here: a socket task ends without sending what is queued if nobody receives.
        drop(inbound);
    }

    /// Runs a closure when the messages that have arrived are handled.
    fn defer(&mut self, task: Task<A>) {
        let ahead = self.inbound.len() as u64;
        self.deferred.push_back((self.handled + ahead, task));
        self.run_deferred();
    }

    fn run_deferred(&mut self) {
        while let Some((_, task)) = self.deferred.pop_front_if(|(due, _)| *due <= self.handled) {
            task(&mut self.actor);
        }
    }

    fn call_on_idle(&mut self) {
        if let Some(on_idle) = self.on_idle {
            on_idle(&mut self.actor);
        }
    }

    /// Checks, decodes and dispatches each message of the batch, and leaves the batch empty.
    async fn deliver(&mut self, batch: &mut Vec<Inbound>) {
        for Inbound {
            from,
            socket,
            frames,
            handled,
        } in batch.drain(..)
        {
            let spec = &<A::Sockets as Sockets>::SPEC.sockets[socket];
            let mut envelope = None;
            let decoded = RawMessage::parse(frames, spec.framing()).and_then(|raw| {
                envelope = Some((raw.peer().cloned(), raw.sender().clone()));
                let raw = self.policies[socket].check_sender(raw, from.as_deref())?;
                let context = Context::of(spec, &raw);
                A::Sockets::decode(socket, raw).map(|incoming| (incoming, context))
            });
            match decoded {
                Ok((incoming, context)) => {
                    if let Err(error) = self.actor.dispatch(incoming, &context).await {
                        let error = DisplayChain(&error);
                        tracing::error!(socket = spec.name, %error, "a handler failed");
                    }
                }
                Err(error) => {
                    // The name that the connection proves comes before the one that the envelope
                    // claims.
                    let proven = from.as_ref().and_then(|from| from.file_name.as_deref());
                    let sender = match (proven, &envelope) {
                        (Some(proven), Some((_, claimed))) if *file_name(claimed) == *proven => {
                            (&**claimed).into()
                        }
                        (Some(proven), _) => proven.into(),
                        (None, Some((Some(identity), _))) => String::from_utf8_lossy(identity),
                        (None, Some((None, claimed))) => (&**claimed).into(),
                        (None, None) => "".into(),
                    };
                    self.reject_counters
                        .count_wire_error(spec.name, &sender, &error);
                }
            }
            // A REP receives its next request only now: an answer goes to the last request
            // received.
            drop(handled);
            self.handled += 1;
        }
        self.run_deferred();
    }
}

/// Guard of an actor that runs as a task; dropping it stops the actor.
///
/// Dereferences to the [`Handle`] of the actor. The drop does not wait: the actor handles what has
/// arrived and closes its sockets in the background. [`stop`](Self::stop) waits for that.
#[derive(Debug)]
pub struct ActorGuard<A> {
    handle: Handle<A>,
    task: JoinHandle<()>,
}

impl<A> ActorGuard<A> {
    /// Returns a handle by which others reach the actor.
    #[must_use]
    pub fn handle(&self) -> Handle<A> {
        self.handle.clone()
    }

    /// Stops the actor, and waits until its queued messages are sent and its sockets are closed.
    ///
    /// A panic of a handler has ended the actor before, and is not passed on.
    ///
    /// # Cancel safety
    /// Dropping the future does not revoke the stop.
    pub async fn stop(mut self) {
        self.handle.stop();
        // A panic in a handler was printed by the panic hook when it happened.
        let _ = (&mut self.task).await;
    }
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
}

impl<A> Handle<A> {
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
    /// Returns [`ActorError::Stopped`] if the loop has ended, or ends before the task has run.
    ///
    /// # Cancel safety
    /// Dropping the future after its first poll does not revoke the task: only the result is lost.
    pub async fn ask<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut A) -> R + Send + 'static,
    ) -> Result<R, ActorError> {
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
    /// Returns [`ActorError::Stopped`] if the loop has ended, or ends before the task has run.
    pub fn ask_blocking<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut A) -> R + Send + 'static,
    ) -> Result<R, ActorError> {
        let (sender, answer) = std::sync::mpsc::channel();
        self.tell(move |actor| {
            // The receiver waits below, unless its thread has panicked.
            let _ = sender.send(task(actor));
        })?;
        answer.recv().map_err(|_| ActorError::Stopped)
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
        }
    }
}

impl<A> fmt::Debug for Handle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

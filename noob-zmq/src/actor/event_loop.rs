//! The loop that receives and dispatches.

use std::fmt;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::bind::OpenParts;
use super::sender_check::{RejectCounters, SenderPolicy};
use super::{Actor, ActorError, Context, Opener, Scope, Sockets};
use crate::transport::{FLUSH, Inbound};
use crate::wire::RawMessage;

/// How many arrivals are handled before the loop looks at its mail again.
const TURN: usize = 64;
/// How long a stopped actor's sockets may take to send what is queued: as long as they wait for peers, and again for peers that do not read.
const CLOSING: Duration = FLUSH.saturating_mul(2);

/// An actor with its sockets, before it is run; for those who need more than [`Actor::run`] does.
///
/// ```no_run
/// # use noob_zmq::actor::{Actor, ActorError, ActorLoop, Scope};
/// # async fn example<A: Actor + 'static>(scope: Scope, make: impl FnOnce(A::Sockets) -> A) -> Result<(), ActorError> {
/// let actor = ActorLoop::open(scope, make).await?;
/// let handle = actor.handle();
/// let running = tokio::spawn(actor.run());
/// // .. handle.tell(|actor| ..), handle.ask(|actor| ..) ..
/// handle.stop();
/// # Ok(()) }
/// ```
pub struct ActorLoop<A: Actor> {
    actor: A,
    arrivals: mpsc::Receiver<Inbound>,
    messages: mpsc::UnboundedReceiver<LoopMsg<A>>,
    handle: Handle<A>,
    socket_tasks: Vec<JoinHandle<()>>,
    /// The peers of each socket.
    peers: Vec<SenderPolicy>,
    reject_counters: RejectCounters,
    on_idle: Option<fn(&mut A)>,
}

type Task<A> = Box<dyn FnOnce(&mut A) + Send>;

enum LoopMsg<A> {
    Do(Task<A>),
    Stop,
}

impl<A: Actor> ActorLoop<A> {
    /// Opens the sockets of the spec, and makes the actor from them.
    ///
    /// # Errors
    /// A socket that cannot be opened.
    pub async fn open(
        scope: Scope,
        make: impl FnOnce(A::Sockets) -> A,
    ) -> Result<Self, ActorError> {
        Self::open_with(Opener::new(<A::Sockets as Sockets>::SPEC, scope), make).await
    }

    /// The same by an opener of one's own, which must be for the spec of this actor.
    ///
    /// # Errors
    /// A socket that cannot be opened.
    pub async fn open_with(
        mut opener: Opener,
        make: impl FnOnce(A::Sockets) -> A,
    ) -> Result<Self, ActorError> {
        let sockets = A::Sockets::open(&mut opener, 0).await?;
        let OpenParts {
            arrivals,
            socket_tasks,
            peers,
            reject_counters,
        } = opener.into_parts();
        let (send, messages) = mpsc::unbounded_channel();
        Ok(Self {
            actor: make(sockets),
            arrivals,
            messages,
            handle: Handle { messages: send },
            socket_tasks,
            peers,
            reject_counters,
            on_idle: None,
        })
    }

    /// Has `on_idle` called each time when all that had arrived was handled, before the loop waits again: the moment to send what was
    /// collected, without ever waiting for more.
    #[must_use]
    pub const fn on_idle(mut self, on_idle: fn(&mut A)) -> Self {
        self.on_idle = Some(on_idle);
        self
    }

    /// For others to reach the actor while it runs.
    #[must_use]
    pub fn handle(&self) -> Handle<A> {
        self.handle.clone()
    }

    /// The messages that it has dropped, since they could not be read or were not their sender's to send.
    #[must_use]
    pub const fn reject_counters(&self) -> &RejectCounters {
        &self.reject_counters
    }

    /// Has it [`run`](Self::run) as a task of the current runtime.
    #[must_use]
    pub fn spawn(self) -> ActorGuard<A>
    where
        A: 'static,
    {
        ActorGuard {
            handle: self.handle(),
            task: tokio::spawn(self.run()),
        }
    }

    /// Receives and dispatches until [`Handle::stop`]; then closes the sockets, after what was queued has been sent.
    ///
    /// A handler that fails is reported in the log, and so is a message that cannot be read; both are no reason to stop.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(TURN);
        'running: loop {
            tokio::select! {
                biased;
                messages = self.messages.recv() => match messages {
                    Some(LoopMsg::Do(task)) => task(&mut self.actor),
                    Some(LoopMsg::Stop) | None => break 'running,
                },
                _ = self.arrivals.recv_many(&mut batch, TURN) => self.deliver(&mut batch).await,
            }
            // What is there already belongs to this turn.
            loop {
                match self.messages.try_recv() {
                    Ok(LoopMsg::Do(task)) => task(&mut self.actor),
                    Ok(LoopMsg::Stop) => break 'running,
                    Err(_) => match self.arrivals.try_recv() {
                        Ok(delivery) => {
                            batch.push(delivery);
                            self.deliver(&mut batch).await;
                        }
                        Err(_) => break,
                    },
                }
            }
            if let Some(on_idle) = self.on_idle {
                on_idle(&mut self.actor);
            }
        }
        // What has arrived by now is handled.
        for _ in 0..self.arrivals.len() {
            batch.extend(self.arrivals.try_recv());
        }
        self.deliver(&mut batch).await;
        if let Some(on_idle) = self.on_idle {
            on_idle(&mut self.actor);
        }
        let Self {
            actor,
            socket_tasks,
            arrivals,
            ..
        } = self;
        drop(actor);
        let closed = tokio::time::timeout(CLOSING, async {
            for owner in socket_tasks {
                let _ = owner.await;
            }
        });
        if closed.await.is_err() {
            tracing::warn!("a peer does not read; what was queued for it is dropped");
        }
        drop(arrivals);
    }

    async fn deliver(&mut self, batch: &mut Vec<Inbound>) {
        for Inbound {
            from,
            socket,
            frames,
            handled,
        } in batch.drain(..)
        {
            let spec = &<A::Sockets as Sockets>::SPEC.sockets[socket];
            let mut sender = None;
            let read = RawMessage::parse(frames, spec.framing()).and_then(|raw| {
                sender = Some((raw.peer().cloned(), raw.sender().clone()));
                let raw = self.peers[socket].check_sender(raw, from.as_deref())?;
                let context = Context::of(spec, &raw);
                A::Sockets::decode(socket, raw).map(|incoming| (incoming, context))
            });
            match read {
                Ok((incoming, context)) => {
                    if let Err(error) = self.actor.dispatch(incoming, &context).await {
                        tracing::error!(socket = spec.name, error = %DisplayChain(&error), "a handler failed");
                    }
                }
                Err(error) => {
                    let known = from.as_ref().and_then(|from| from.name.as_deref());
                    let sender = match (known, &sender) {
                        (Some(known), _) => known.into(),
                        (None, Some((Some(peer), _))) => String::from_utf8_lossy(peer),
                        (None, Some((None, said))) => (&**said).into(),
                        (None, None) => "".into(),
                    };
                    self.reject_counters
                        .count_wire_error(spec.name, &sender, &error);
                }
            }
            drop(handled);
        }
    }
}

/// An actor that runs as a task: a [`Handle`], and a way to await its end. Dropping it stops the actor.
#[derive(Debug)]
pub struct ActorGuard<A> {
    handle: Handle<A>,
    task: JoinHandle<()>,
}

impl<A> ActorGuard<A> {
    /// For others to reach the actor.
    #[must_use]
    pub fn handle(&self) -> Handle<A> {
        self.handle.clone()
    }

    /// Has the actor end after what it is doing, and waits until what it had sent is gone, and its sockets are closed.
    pub async fn stop(mut self) {
        self.handle.stop();
        // A handler that panicked has ended it already, and the panic was told.
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

/// Reaches an actor while it runs. Cheap to clone.
pub struct Handle<A> {
    messages: mpsc::UnboundedSender<LoopMsg<A>>,
}

impl<A> Handle<A> {
    /// Has something done with the actor, between two messages. Never waits.
    ///
    /// # Errors
    /// [`ActorError::Stopped`] when the actor does not run any more.
    pub fn tell(&self, task: impl FnOnce(&mut A) + Send + 'static) -> Result<(), ActorError> {
        self.messages
            .send(LoopMsg::Do(Box::new(task)))
            .map_err(|_| ActorError::Stopped)
    }

    /// Has something done with the actor, between two messages, and gives what came of it.
    ///
    /// # Errors
    /// [`ActorError::Stopped`] when the actor does not run any more.
    pub async fn ask<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut A) -> R + Send + 'static,
    ) -> Result<R, ActorError> {
        let (send, answer) = oneshot::channel();
        self.tell(|actor| {
            let _ = send.send(task(actor));
        })?;
        answer.await.map_err(|_| ActorError::Stopped)
    }

    /// The same for code that is not async; it must not be called on a thread of the actor's own runtime.
    ///
    /// # Errors
    /// [`ActorError::Stopped`] when the actor does not run any more.
    pub fn ask_blocking<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut A) -> R + Send + 'static,
    ) -> Result<R, ActorError> {
        let (send, answer) = std::sync::mpsc::channel();
        self.tell(move |actor| {
            let _ = send.send(task(actor));
        })?;
        answer.recv().map_err(|_| ActorError::Stopped)
    }

    /// Has the loop end after what has arrived by then. Does nothing if it has ended.
    pub fn stop(&self) {
        let _ = self.messages.send(LoopMsg::Stop);
    }
}

impl<A> Clone for Handle<A> {
    fn clone(&self) -> Self {
        Self {
            messages: self.messages.clone(),
        }
    }
}

impl<A> fmt::Debug for Handle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// An error with its sources.
pub(crate) struct DisplayChain<'a>(pub(crate) &'a dyn std::error::Error);

impl fmt::Display for DisplayChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

//! Event loop of an actor: receives messages, checks and decodes them, and calls the handlers.
//!
//! Each loop owns one actor, so that handlers need no locks. All loops run as tasks of the tokio
//! runtime that started them; the sockets themselves belong to tasks of `transport`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::actor_id::ActorId;
use super::context::OnError;
use super::handle::{ActorGuard, Handle, LoopMsg, Task};
use super::sender_check::SenderPolicy;
use super::socket::SocketInner;
use super::{
    Actor, ActorError, Context, HandlerError, Opener, RejectCounters, Scope, SocketKind,
    SocketSpec, Sockets,
};
use crate::transport::file_name::file_name;
use crate::transport::{FLUSH, Inbound};
use crate::wire::{Failure, Phase, RawMessage, Report};

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
    /// Sockets that receive, by number; open as long as the loop runs.
    receiving: BTreeMap<usize, SocketInner>,
    on_idle: Option<fn(&mut A)>,
    on_error: Option<Arc<OnError>>,
    /// Kept for as long as the actor runs.
    _id: Option<ActorId>,
    /// Number of messages that were handled.
    handled: u64,
    /// Closures that run when this number of messages is handled, lowest first.
    deferred: VecDeque<(u64, Task<A>)>,
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
        crate::default_log::install_default_log();
        let id = opener.claim_id()?;
        let sockets = A::Sockets::open(&mut opener, 0).await?;
        let (sender, messages) = mpsc::unbounded_channel();
        Ok(Self {
            actor: make(sockets),
            policies: opener.policies(),
            inbound: opener.inbound,
            messages,
            handle: Handle::new(sender),
            socket_tasks: opener.socket_tasks,
            reject_counters: opener.reject_counters,
            receiving: opener.receiving,
            on_idle: None,
            on_error: None,
            _id: id,
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

    /// Sets a function that is called with each error of a handler, which the log has too, and
    /// with the socket on which the message of the handler arrived.
    ///
    /// The function is called on the loop, before the next message is handled, and must not block.
    #[must_use]
    pub fn on_error(
        mut self,
        on_error: impl Fn(&'static SocketSpec, HandlerError) + Send + Sync + 'static,
    ) -> Self {
        self.on_error = Some(Arc::new(on_error));
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
        ActorGuard::new(self.handle(), tokio::spawn(self.run()))
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
    pub async fn run(self) {
        // The number lets `ask` see that a handler asks its own actor.
        self.handle().within(self.run_loop()).await;
    }

    async fn run_loop(mut self) {
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
            receiving,
            ..
        } = self;
        // The tasks of the sockets end when the last handle to their socket is gone.
        drop((actor, receiving));
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

    /// Returns the number of messages that were sent on a socket that receives.
    fn sent_on(&self, socket: usize) -> u64 {
        let socket = self.receiving.get(&socket);
        socket.map_or(0, |socket| socket.handle.sent())
    }

    /// Answers the request of a REP that its handler has not answered, since the requester would
    /// wait for ever, and reports that.
    fn answer_failure(&self, socket: usize, spec: &'static SocketSpec) {
        let name = spec.name;
        let error = HandlerError::new(format!(
            "a request on `{name}` was not answered: each handler of a REP socket must send on \
             `{name}` before it returns; the requester is sent a `Failure`"
        ));
        let report = Report::new(Phase::Process, error.to_string());
        let sent = self.receiving.get(&socket).map(|socket| {
            let failure = Failure::new(socket.sender.clone(), report);
            socket.send(socket.encode_undeclared(&failure)?, None)
        });
        if let Some(Err(error)) = sent {
            tracing::debug!(socket = name, %error, "the requester cannot be told");
        }
        tracing::error!(socket = name, "{error}");
        if let Some(on_error) = &self.on_error {
            on_error(spec, error);
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
            let sent_before = self.sent_on(socket);
            let decoded = RawMessage::parse(frames, spec.framing()).and_then(|raw| {
                envelope = Some((raw.peer().cloned(), raw.sender().clone()));
                let raw = self.policies[socket].check_sender(raw, from.as_deref())?;
                let mut context = Context::of(spec, &raw);
                context.on_error.clone_from(&self.on_error);
                A::Sockets::decode(socket, raw).map(|incoming| (incoming, context))
            });
            match decoded {
                Ok((incoming, context)) => {
                    context.report(self.actor.dispatch(incoming, &context).await);
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
            if spec.kind == SocketKind::Rep && self.sent_on(socket) == sent_before {
                self.answer_failure(socket, spec);
            }
            // A REP receives its next request only now: an answer goes to the last request
            // received.
            drop(handled);
            self.handled += 1;
        }
        self.run_deferred();
    }
}

//! The two traits that the macros write: `Sockets` for a spec, `Actor` for the struct whose handlers answer it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{ActorError, ActorGuard, ActorLoop, ActorSpec, Context, HandlerError, Opener, Scope};
use crate::wire::{Message as _, RawMessage, Subscription, WireError};

/// A struct with one field for each socket. Written by `#[derive(Sockets)]`.
pub trait Sockets: Sized + Send + 'static {
    /// Everything that can arrive: one variant for each socket and message, and `Other` for kinds that the spec does not name.
    type Incoming: Send + 'static;

    /// The spec as data.
    const SPEC: &'static ActorSpec;

    /// Opens every socket, in order. The first one is number `first` of the spec that `opener` opens:
    /// 0, or the place of this spec inside the one that contains it.
    ///
    /// # Errors
    /// The first socket that cannot be opened.
    fn open(
        opener: &mut Opener,
        first: usize,
    ) -> impl Future<Output = Result<Self, ActorError>> + Send;

    /// Reads what arrived on socket number `socket`.
    ///
    /// # Errors
    /// The body is not what its kind says.
    fn decode(socket: usize, raw: RawMessage) -> Result<Self::Incoming, WireError>;
}

/// A spec that contains another one, in its field number `FIELD`. Written by `#[derive(Sockets)]`.
pub trait Contains<const FIELD: usize>: Sockets {
    /// The contained spec.
    type Inner: Sockets;
}

/// Something whose handlers answer what arrives on its sockets. Written by `#[handlers(..)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor",
    label = "not an actor",
    note = "an actor is a type with handlers: put `#[handlers(..)]` on an `impl` block of `{Self}`"
)]
pub trait Actor: Send {
    /// Its spec.
    type Sockets: Sockets;

    /// Whether kinds that the spec does not name go to the add-on handlers of other crates: `#[handlers(.., addons)]`.
    const ADDONS: bool = false;

    /// Calls the handler of one message.
    ///
    /// # Errors
    /// What the handler returned.
    fn dispatch(
        &mut self,
        incoming: <Self::Sockets as Sockets>::Incoming,
        context: &Context,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;

    /// Opens the sockets of its spec, makes the actor from them, and has it run as a task of the current runtime.
    ///
    /// ```
    /// use noob_zmq::actor::{Actor, ActorError, Pull, Push, Scope};
    /// use noob_zmq::transport::{RuntimeDir, TransportError};
    /// use noob_zmq::wire::{MessageType, Ping};
    /// use noob_zmq::{Sockets, handlers};
    ///
    /// #[derive(Sockets)]
    /// struct EchoSockets {
    ///     #[bind("pings")]
    ///     #[recv(Ping)]
    ///     inbox: Pull,
    ///     #[connect("pings")]
    ///     #[send(Ping)]
    ///     outbox: Push,
    /// }
    ///
    /// struct Echo {
    ///     sockets: EchoSockets,
    ///     pings: u32,
    /// }
    ///
    /// #[handlers(EchoSockets)]
    /// impl Echo {
    ///     #[on_inbox(MessageType::Ping)]
    ///     fn on_ping(&mut self, ping: Ping) -> Result<(), ActorError> {
    ///         self.pings += 1;
    ///         self.sockets.outbox.send(&ping)
    ///     }
    /// }
    ///
    /// # #[noob_zmq::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let root = std::env::temp_dir().join(format!("nz-{}", std::process::id()));
    /// let directory = RuntimeDir::create(&root)?;
    /// let echo = Echo::run(Scope::of(&directory, "echo"), |sockets| Echo { sockets, pings: 0 }).await?;
    /// // Do something with it, between two messages ..
    /// echo.tell(|echo| _ = echo.sockets.outbox.send(&Ping))?;
    /// // .. look at it ..
    /// while echo.ask(|echo| echo.pings).await? < 3 {}
    /// // .. and stop it.
    /// echo.stop().await;
    /// # drop(directory);
    /// # std::fs::remove_dir_all(root)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// A socket that cannot be opened.
    fn run(
        scope: Scope,
        make: impl FnOnce(Self::Sockets) -> Self + Send,
    ) -> impl Future<Output = Result<ActorGuard<Self>, ActorError>> + Send
    where
        Self: Sized + 'static,
    {
        async { Ok(ActorLoop::open(scope, make).await?.spawn()) }
    }
}

/// What a handler may return: `()` or `Result<(), E>`.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "handlers return `()` or `Result<(), E>`, where `E` is an error that is `Send + Sync`"
)]
pub trait IntoOutcome {
    /// As what [`Actor::dispatch`] returns.
    ///
    /// # Errors
    /// The error of the handler.
    fn into_outcome(self) -> Result<(), HandlerError>;
}

#[diagnostic::do_not_recommend]
impl IntoOutcome for () {
    fn into_outcome(self) -> Result<(), HandlerError> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> IntoOutcome for Result<(), E> {
    fn into_outcome(self) -> Result<(), HandlerError> {
        self.map_err(HandlerError::new)
    }
}

const UNNAMED: &str = "dropped a message of a kind that neither the spec nor an add-on names";
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// How many messages this process has dropped because neither a spec nor an add-on names their kind.
#[must_use]
pub fn unhandled_count() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// What becomes of a message whose kind the spec does not name: it is counted, logged and dropped, so that no peer can stop an actor.
///
/// The log has each in `debug`, and the first, second, fourth, eighth and so on in `warn`, so that no peer can flood it either.
///
/// # Errors
/// None.
pub fn drop_unhandled(message: &RawMessage, context: &Context) -> Result<(), HandlerError> {
    // Who publishes need not ask who subscribes.
    if message.kind() == Subscription::KIND {
        return Ok(());
    }
    let unhandled_count = DROPPED.fetch_add(1, Ordering::Relaxed) + 1;
    let (socket, kind, sender) = (context.socket.name, message.kind(), message.sender());
    if unhandled_count.is_power_of_two() {
        tracing::warn!(unhandled_count, socket, kind, %sender, "{UNNAMED}");
    } else {
        tracing::debug!(unhandled_count, socket, kind, %sender, "{UNNAMED}");
    }
    Ok(())
}

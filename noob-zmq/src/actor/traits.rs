//! Traits that the macros implement: `Sockets` for a spec, `Actor` for the type whose handlers
//! serve it.

use super::{ActorError, ActorGuard, ActorLoop, ActorSpec, Context, HandlerError, Opener, Scope};
use crate::wire::{RawMessage, WireError};

/// Struct with one field for each socket; implemented by
/// [`#[derive(Sockets)]`](macro@crate::Sockets).
pub trait Sockets: Sized + Send + 'static {
    /// Messages that can arrive.
    ///
    /// An enum with one variant for each socket and message, and `Other` for kinds that the spec
    /// does not name.
    type Incoming: Send + 'static;

    /// Spec as data.
    const SPEC: &'static ActorSpec;

    /// Opens every socket, in order.
    ///
    /// The first one is number `first` of the spec that `opener` opens: 0, or the place of this
    /// spec in the one that contains it. Dropping the future closes the sockets opened so far.
    ///
    /// # Errors
    /// Returns the error of the first socket that cannot be opened.
    fn open(
        opener: &mut Opener,
        first: usize,
    ) -> impl Future<Output = Result<Self, ActorError>> + Send;

    /// Decodes a message that arrived on socket number `socket`.
    ///
    /// # Errors
    /// Returns an error if the body does not have the form of its kind.
    fn decode(socket: usize, raw: RawMessage) -> Result<Self::Incoming, WireError>;
}

/// Spec that contains another one in its field number `FIELD`.
///
/// Implemented by [`#[derive(Sockets)]`](macro@crate::Sockets).
pub trait Contains<const FIELD: usize>: Sockets {
    /// Contained spec.
    type Inner: Sockets;
}

/// Type whose handlers serve the sockets of a spec.
///
/// Implemented by [`#[handlers(..)]`](macro@crate::handlers).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor",
    label = "not an actor",
    note = "an actor is a type with handlers: put `#[handlers(..)]` on an `impl` block of `{Self}`"
)]
pub trait Actor: Send {
    /// Spec of the sockets.
    type Sockets: Sockets;

    /// Whether kinds that the spec does not name go to the add-on handlers of other crates:
    /// `#[handlers(.., addons)]`.
    const ADDONS: bool = false;

    /// Calls the handler of one message.
    ///
    /// # Errors
    /// Returns the error of the handler.
    fn dispatch(
        &mut self,
        incoming: <Self::Sockets as Sockets>::Incoming,
        context: &Context,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;

    /// Opens the sockets of the spec, makes the actor from them, and runs it as a task of the
    /// current tokio runtime.
    ///
    /// Dropping the future closes the sockets opened so far; dropping the guard stops the actor.
    ///
    /// # Examples
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
    ///     outbox: Push<Self>,
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
    /// let make = |sockets| Echo { sockets, pings: 0 };
    /// let echo = Echo::run(Scope::of(&directory, "echo"), make).await?;
    /// // Run code with the actor, between two messages ..
    /// echo.tell(|echo| _ = echo.sockets.outbox.send(&Ping))?;
    /// // .. and read its state ..
    /// while echo.ask(|echo| echo.pings).await? < 3 {}
    /// // .. and stop the actor.
    /// echo.stop().await?;
    /// # drop(directory);
    /// # std::fs::remove_dir_all(root)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns an error if a socket cannot be opened.
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

/// Actor that wraps one of this library, and implements `AsMut` so that the library reaches it.
///
/// Implemented for every type with `AsMut<N>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say where its `{N}` is",
    label = "has no `AsMut<{N}>`",
    note = "name the field with the wrapped `{N}`: `impl AsMut<{N}> for {Self}`, with `fn as_mut`, \
            which returns `&mut self.inner`"
)]
pub trait Wraps<N>: AsMut<N> {}

#[diagnostic::do_not_recommend]
impl<A: AsMut<N>, N> Wraps<N> for A {}

/// Result type of a handler: `()` or `Result<(), E>`.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "handlers return `()` or `Result<(), E>`, where `E` is an error that is `Send + Sync`"
)]
pub trait IntoOutcome {
    /// Converts the result to that of [`Actor::dispatch`].
    ///
    /// # Errors
    /// Returns the error of the handler.
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

//! Add-on handlers: functions of other crates that handle, for an actor, kinds that its spec does
//! not name.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Actor, Context, HandlerError, SourceLocation, drop_unhandled};
use crate::wire::RawMessage;

/// Add-on handler that this program is linked with; `#[addon(..)]` registers each.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Addon {
    actor: fn() -> TypeId,
    call: AddonFn,
    /// Type of the actor, as written in `#[addon(..)]`.
    pub name: &'static str,
    /// Name of the socket.
    pub socket: &'static str,
    /// Kind of the messages that the function handles.
    pub kind: &'static str,
    /// Name of the function.
    pub function: &'static str,
    /// Place of the function in the source.
    pub at: SourceLocation,
}

type AddonFn = fn(&mut dyn Any, &RawMessage, &Context) -> Result<(), HandlerError>;

impl Addon {
    /// Describes the function `function`, which `call` calls with messages of `kind` that arrive on
    /// `socket` of the actor of type `actor`, called `name`.
    #[must_use]
    pub const fn new(
        actor: fn() -> TypeId,
        name: &'static str,
        socket: &'static str,
        kind: &'static str,
        function: &'static str,
        at: SourceLocation,
        call: AddonFn,
    ) -> Self {
        Self {
            actor,
            call,
            name,
            socket,
            kind,
            function,
            at,
        }
    }
}

inventory::collect!(Addon);

/// Returns every add-on handler that this program is linked with, by actor, then by place.
#[must_use]
pub fn addons() -> Vec<&'static Addon> {
    let mut addons: Vec<_> = inventory::iter::<Addon>().collect();
    addons.sort_by_key(|addon| (addon.name, addon.at));
    addons
}

type AddonsBySocket = HashMap<(TypeId, &'static str), Vec<&'static Addon>>;

/// Gives a message to every add-on handler of its kind, in the order of their places in the source.
///
/// A message that no add-on handles is counted, logged and dropped. Called by code that
/// `#[handlers(.., addons)]` writes, for kinds that the spec does not name.
///
/// # Errors
/// Returns the first error of a handler; the other handlers are called all the same, and their
/// errors are [reported](Context::report).
pub fn dispatch_to_addons<A: Actor + 'static>(
    actor: &mut A,
    message: &RawMessage,
    context: &Context,
) -> Result<(), HandlerError> {
    // Handlers are registered at link time, so that one table lasts for the life of the process.
    static BY_SOCKET: OnceLock<AddonsBySocket> = OnceLock::new();
    let by_socket = BY_SOCKET.get_or_init(|| {
        let mut by_socket = AddonsBySocket::new();
        for addon in addons() {
            by_socket
                .entry(((addon.actor)(), addon.socket))
                .or_default()
                .push(addon);
        }
        by_socket
    });
    let mut matching = by_socket
        .get(&(TypeId::of::<A>(), context.socket.name))
        .into_iter()
        .flatten()
        .filter(|addon| addon.kind == message.kind())
        .peekable();
    if matching.peek().is_none() {
        return drop_unhandled(message, context);
    }
    let mut outcome = Ok(());
    for addon in matching {
        let result = (addon.call)(actor, message, context);
        if outcome.is_ok() {
            outcome = result;
        } else {
            context.report(result);
        }
    }
    outcome
}

//! Add-on handlers: functions of other crates that handle, for an actor, kinds of message that its spec does not name.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Actor, Context, HandlerError, SourceLocation, drop_unhandled};
use crate::wire::RawMessage;

/// An add-on handler that this program is linked with. `#[addon(..)]` registers each.
#[derive(Debug, Clone, Copy)]
pub struct Addon {
    actor: fn() -> TypeId,
    call: AddonFn,
    /// The actor, as it is written.
    pub name: &'static str,
    /// The socket.
    pub socket: &'static str,
    /// The kind of the messages that it handles.
    pub kind: &'static str,
    /// The function.
    pub function: &'static str,
    /// Where it is written.
    pub at: SourceLocation,
}

type AddonFn = fn(&mut dyn Any, &RawMessage, &Context) -> Result<(), HandlerError>;

impl Addon {
    /// The function `function`, which `call` calls, for messages of `kind` that arrive on `socket` of the actor `name`, the type `actor`.
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

/// Every add-on handler that this program is linked with, by actor, then by place.
#[must_use]
pub fn addons() -> Vec<&'static Addon> {
    let mut addons: Vec<_> = inventory::iter::<Addon>().collect();
    addons.sort_by_key(|addon| (addon.name, addon.at));
    addons
}

type AddonsBySocket = HashMap<(TypeId, &'static str), Vec<&'static Addon>>;

/// Gives a message of a kind that the spec of `actor` does not name to every add-on handler of this kind, in the order of their places; if there is
/// none, the message is counted, logged and dropped.
///
/// # Errors
/// The first error of a handler; the others are called all the same.
pub fn dispatch_to_addons<A: Actor + 'static>(
    actor: &mut A,
    message: &RawMessage,
    context: &Context,
) -> Result<(), HandlerError> {
    static KNOWN: OnceLock<AddonsBySocket> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let mut known = AddonsBySocket::new();
        for addon in addons() {
            known
                .entry(((addon.actor)(), addon.socket))
                .or_default()
                .push(addon);
        }
        known
    });
    let here = known.get(&(TypeId::of::<A>(), context.socket.name));
    let mut mine = here
        .into_iter()
        .flatten()
        .filter(|addon| addon.kind == message.kind())
        .peekable();
    if mine.peek().is_none() {
        return drop_unhandled(message, context);
    }
    let mut outcome = Ok(());
    for addon in mine {
        let called = (addon.call)(actor, message, context);
        outcome = outcome.and(called);
    }
    outcome
}

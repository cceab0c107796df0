//! Messages of kinds that neither the spec nor an add-on handler names.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Context, HandlerError};
use crate::wire::{Failure, Message as _, RawMessage, Receipt, Subscription};

static UNHANDLED: AtomicU64 = AtomicU64::new(0);

/// Returns the number of messages that this process has dropped because no handler names their
/// kind.
#[must_use]
pub fn unhandled_count() -> u64 {
    UNHANDLED.load(Ordering::Relaxed)
}

/// Drops a message whose kind the spec does not name, so that no peer can stop an actor.
///
/// The message is counted and logged: the first, second, fourth, eighth and so on at level `warn`,
/// the rest at level `debug`, so that no peer can flood the log either. A subscription that nobody
/// asked for is dropped without a trace.
///
/// # Errors
/// Never fails; the type is that of a handler.
pub fn drop_unhandled(message: &RawMessage, context: &Context) -> Result<(), HandlerError> {
    // Every XPUB receives subscriptions, also one whose spec does not ask for them. Receipts are
    // for the command node, and reach every subscriber of everything.
    if [Subscription::KIND, Receipt::KIND].contains(&message.kind()) {
        return Ok(());
    }
    const TEXT: &str = "dropped a message of a kind that neither the spec nor an add-on names";
    let dropped = UNHANDLED.fetch_add(1, Ordering::Relaxed) + 1;
    let (socket, kind, sender) = (context.socket.name, message.kind(), message.sender());
    // As a peer answers a request that it does not handle.
    let failure = (kind == Failure::KIND)
        .then(|| Failure::decode(message).ok())
        .flatten()
        .map(|failure| failure.report.message.chars().take(200).collect::<String>());
    let failure = failure.as_deref();
    if dropped.is_power_of_two() {
        tracing::warn!(dropped, socket, kind, %sender, failure, "{TEXT}");
    } else {
        tracing::debug!(dropped, socket, kind, %sender, failure, "{TEXT}");
    }
    Ok(())
}

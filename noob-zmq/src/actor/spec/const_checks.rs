//! Rules that only types can decide, checked while a program is compiled.
//!
//! `#[derive(Sockets)]` and `#[addon]` write one `const _` for each rule and place. A broken rule
//! ends the evaluation of that constant, and the compiler prints the text of the panic there.

use super::{ActorSpec, MessageSpec, SocketSpec};
use crate::const_text::{ConstText, same};
use crate::wire::Message;

/// Side of a link: a socket and the spec that declares it.
#[derive(Debug, Clone, Copy)]
pub struct LinkSide {
    pub(super) actor: &'static ActorSpec,
    pub(super) socket: &'static SocketSpec,
}

impl ConstText {
    /// Appends `actor.socket` in backticks.
    const fn side(self, side: LinkSide) -> Self {
        self.quoted(&[side.actor.name, ".", side.socket.name])
    }
}

/// Checks that `M` is a message; nothing else compiles.
pub const fn is_message<M: Message>() {}

/// Checks that messages can arrive on the socket.
#[track_caller]
pub const fn can_receive(side: LinkSide) {
    if !side.socket.kind.receives() {
        ConstText::new("")
            .side(side)
            .and(" is a ")
            .and(side.socket.kind.as_str())
            .and(" socket, on which messages never arrive; remove `#[recv(..)]`")
            .fail();
    }
}

/// Checks that messages can be sent on the socket.
#[track_caller]
pub const fn can_send(side: LinkSide) {
    if !side.socket.kind.sends() {
        ConstText::new("")
            .side(side)
            .and(" is a ")
            .and(side.socket.kind.as_str())
            .and(" socket, on which messages cannot be sent; remove `#[send(..)]`")
            .fail();
    }
}

/// Checks that ZMTP links sockets of these two kinds.
#[track_caller]
pub const fn can_link(side: LinkSide, peer: LinkSide) {
    if side.socket.kind.links_to(peer.socket.kind) {
        return;
    }
    let mut text = ConstText::new("")
        .side(side)
        .and(" cannot be linked to ")
        .side(peer)
        .and(": ZeroMQ links ")
        .and(side.socket.kind.as_str())
        .and(" to ");
    let legal = side.socket.kind.peers();
    let mut i = 0;
    while i < legal.len() {
        text = text.between(i, legal.len()).and(legal[i].as_str());
        i += 1;
    }
    text.and(", not to ").and(peer.socket.kind.as_str()).fail();
}

/// Checks that at least one of the peers receives `M`, which is sent on the socket.
#[track_caller]
pub const fn has_receiver<M: Message>(side: LinkSide, peers: &[LinkSide]) {
    let mut i = 0;
    while i < peers.len() {
        if contains(peers[i].socket.receives, M::KIND) {
            return;
        }
        i += 1;
    }
    let sends = side.socket.sends;
    let name = match find(sends, M::KIND, sends.len()) {
        Some(i) => sends[i].name,
        None => M::KIND,
    };
    let mut text = ConstText::new("").side(side).and(" sends ").quoted(&[name]);
    text = text.and(", but ");
    let mut i = 0;
    while i < peers.len() {
        if i > 0 {
            text = text.and(" and ");
        }
        text = text.side(peers[i]);
        i += 1;
    }
    let do_not = if peers.len() == 1 {
        " does not receive it"
    } else {
        " do not receive it"
    };
    text.and(do_not)
        .and("; add it to `#[recv(..)]` there, or do not send it")
        .fail();
}

/// Checks that no two messages that arrive on the socket have the same kind on the wire.
#[track_caller]
pub const fn distinct_kinds(side: LinkSide) {
    let messages = side.socket.receives;
    let mut i = 0;
    while i < messages.len() {
        if let Some(earlier) = find(messages, messages[i].kind, i) {
            ConstText::new("")
                .quoted(&[messages[earlier].name])
                .and(" and ")
                .quoted(&[messages[i].name])
                .and(" arrive on ")
                .quoted(&[side.socket.name])
                .and(" and are both of the kind ")
                .quoted(&[messages[i].kind])
                .and(" on the wire, where nobody could tell them apart; give one another ")
                .and("`#[message(kind = \"..\")]`")
                .fail();
        }
        i += 1;
    }
}

/// Checks that the actor called `name` takes add-on handlers.
#[track_caller]
pub const fn takes_addons(takes: bool, name: &str) {
    if !takes {
        ConstText::new("")
            .quoted(&[name])
            .and(" takes no add-on handlers; an actor takes them when its block says so: ")
            .and("`#[handlers(.., addons)]`")
            .fail();
    }
}

/// Checks that the actor has a socket of this name, and that messages arrive on it.
#[track_caller]
pub const fn addon_socket_receives(actor: &ActorSpec, socket: &str) {
    let mut i = 0;
    while i < actor.sockets.len() {
        let declared = &actor.sockets[i];
        if same(declared.name, socket) {
            if !declared.kind.receives() {
                ConstText::new("nothing arrives on ")
                    .quoted(&[actor.name, ".", socket])
                    .and(", which only sends")
                    .fail();
            }
            return;
        }
        i += 1;
    }
    let mut text = ConstText::new("")
        .quoted(&[actor.name])
        .and(" has no socket named ")
        .quoted(&[socket])
        .and("; its sockets give ");
    let mut first = true;
    let mut i = 0;
    while i < actor.sockets.len() {
        if actor.sockets[i].kind.receives() {
            if !first {
                text = text.and(", ");
            }
            first = false;
            text = text.quoted(&["on_", actor.sockets[i].name]);
        }
        i += 1;
    }
    text.fail();
}

/// Checks that the spec names no message of `kind` on `socket`, so that it goes to add-on handlers.
#[track_caller]
pub const fn addon_kind_is_free(actor: &ActorSpec, socket: &str, kind: &str) {
    let mut i = 0;
    while i < actor.sockets.len() {
        let declared = &actor.sockets[i];
        if same(declared.name, socket) && contains(declared.receives, kind) {
            ConstText::new("")
                .quoted(&[kind])
                .and(" is named by ")
                .quoted(&[actor.name, ".", socket])
                .and(", so the actor handles it itself; ")
                .and("add-on handlers are for kinds that the spec does not name")
                .fail();
        }
        i += 1;
    }
}

/// Returns whether a message of `kind` is among the messages.
const fn contains(messages: &[MessageSpec], kind: &str) -> bool {
    find(messages, kind, messages.len()).is_some()
}

/// Returns the index of `kind` among the first `len` messages.
const fn find(messages: &[MessageSpec], kind: &str, len: usize) -> Option<usize> {
    let mut i = 0;
    while i < len {
        if same(messages[i].kind, kind) {
            return Some(i);
        }
        i += 1;
    }
    None
}

//! The rules that only types can tell, checked while a program is compiled.
//!
//! `#[derive(Sockets)]` writes one `const _` for each rule and place. A rule that is broken ends the evaluation of that
//! constant, and its text is what the compiler prints there.

use super::{ActorSpec, MessageSpec, SocketSpec};
use crate::wire::Message;

/// One end of a link: a socket and the spec that it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct LinkSide {
    pub(super) actor: &'static ActorSpec,
    pub(super) socket: &'static SocketSpec,
}

/// `M` is a message; nothing else compiles.
pub const fn is_message<M: Message>() {}

/// Messages can arrive on the socket.
#[track_caller]
pub const fn can_receive(side: LinkSide) {
    if !side.socket.kind.receives() {
        ConstText::new()
            .quoted(&[side.actor.name, ".", side.socket.name])
            .plain(" is a ")
            .plain(side.socket.kind.as_str())
            .plain(" socket, on which messages never arrive; remove `#[recv(..)]`")
            .fail();
    }
}

/// Messages can be sent on the socket.
#[track_caller]
pub const fn can_send(side: LinkSide) {
    if !side.socket.kind.sends() {
        ConstText::new()
            .quoted(&[side.actor.name, ".", side.socket.name])
            .plain(" is a ")
            .plain(side.socket.kind.as_str())
            .plain(" socket, on which messages cannot be sent; remove `#[send(..)]`")
            .fail();
    }
}

/// ZMTP lets the two be linked.
#[track_caller]
pub const fn can_link(side: LinkSide, peer: LinkSide) {
    if side.socket.kind.links_to(peer.socket.kind) {
        return;
    }
    let mut text = ConstText::new()
        .quoted(&[side.actor.name, ".", side.socket.name])
        .plain(" cannot be linked to ")
        .quoted(&[peer.actor.name, ".", peer.socket.name])
        .plain(": ZeroMQ links ")
        .plain(side.socket.kind.as_str())
        .plain(" to ");
    let legal = side.socket.kind.peers();
    let mut i = 0;
    while i < legal.len() {
        if i > 0 {
            text = text.plain(if i + 1 == legal.len() { " and " } else { ", " });
        }
        text = text.plain(legal[i].as_str());
        i += 1;
    }
    text.plain(", not to ")
        .plain(peer.socket.kind.as_str())
        .fail();
}

/// At least one of the peers receives `M`, which is sent on the socket.
#[track_caller]
pub const fn has_receiver<M: Message>(side: LinkSide, peers: &[LinkSide]) {
    let mut i = 0;
    while i < peers.len() {
        if find(
            peers[i].socket.receives,
            M::KIND,
            peers[i].socket.receives.len(),
        )
        .is_some()
        {
            return;
        }
        i += 1;
    }
    let name = match find(side.socket.sends, M::KIND, side.socket.sends.len()) {
        Some(i) => side.socket.sends[i].name,
        None => M::KIND,
    };
    let mut text = ConstText::new()
        .quoted(&[side.actor.name, ".", side.socket.name])
        .plain(" sends ")
        .quoted(&[name])
        .plain(", but ");
    let mut i = 0;
    while i < peers.len() {
        if i > 0 {
            text = text.plain(" and ");
        }
        text = text.quoted(&[peers[i].actor.name, ".", peers[i].socket.name]);
        i += 1;
    }
    let do_not = if peers.len() == 1 {
        " does not receive it"
    } else {
        " do not receive it"
    };
    text.plain(do_not)
        .plain("; add it to `#[recv(..)]` there, or do not send it")
        .fail();
}

/// No two messages that arrive on the socket have one kind on the wire, where they could not be told apart.
#[track_caller]
pub const fn distinct_kinds(side: LinkSide) {
    let messages = side.socket.receives;
    let mut i = 0;
    while i < messages.len() {
        if let Some(earlier) = find(messages, messages[i].kind, i) {
            ConstText::new()
                .quoted(&[messages[earlier].name])
                .plain(" and ")
                .quoted(&[messages[i].name])
                .plain(" arrive on ")
                .quoted(&[side.socket.name])
                .plain(" and are both of the kind ")
                .quoted(&[messages[i].kind])
                .plain(" on the wire, where nobody could tell them apart; give one another `#[message(kind = \"..\")]`")
                .fail();
        }
        i += 1;
    }
}

/// The actor called `name` takes add-on handlers.
#[track_caller]
pub const fn takes_addons(takes: bool, name: &str) {
    if !takes {
        ConstText::new()
            .quoted(&[name])
            .plain(" takes no add-on handlers; an actor takes them when its block says so: `#[handlers(.., addons)]`")
            .fail();
    }
}

/// The actor has a socket of this name, and messages arrive on it.
#[track_caller]
pub const fn addon_socket_receives(actor: &ActorSpec, socket: &str) {
    let mut i = 0;
    while i < actor.sockets.len() {
        let known = &actor.sockets[i];
        if same(known.name, socket) {
            if !known.kind.receives() {
                ConstText::new()
                    .plain("nothing arrives on ")
                    .quoted(&[actor.name, ".", socket])
                    .plain(", which only sends")
                    .fail();
            }
            return;
        }
        i += 1;
    }
    let mut text = ConstText::new()
        .quoted(&[actor.name])
        .plain(" has no socket named ")
        .quoted(&[socket])
        .plain("; its sockets give ");
    let mut first = true;
    let mut i = 0;
    while i < actor.sockets.len() {
        if actor.sockets[i].kind.receives() {
            if !first {
                text = text.plain(", ");
            }
            first = false;
            text = text.quoted(&["on_", actor.sockets[i].name]);
        }
        i += 1;
    }
    text.fail();
}

/// The spec leaves messages of `kind` that arrive on `socket` to add-on handlers.
#[track_caller]
pub const fn addon_kind_is_free(actor: &ActorSpec, socket: &str, kind: &str) {
    let mut i = 0;
    while i < actor.sockets.len() {
        let known = &actor.sockets[i];
        if same(known.name, socket) && find(known.receives, kind, known.receives.len()).is_some() {
            ConstText::new()
                .quoted(&[kind])
                .plain(" is named by ")
                .quoted(&[actor.name, ".", socket])
                .plain(", so the actor handles it itself; add-on handlers are for kinds that the spec does not name")
                .fail();
        }
        i += 1;
    }
}

/// The place of `kind` among the first `len` messages.
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

/// `==` for strings in constants.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// A text put together in a constant. What does not fit is cut off.
struct ConstText {
    bytes: [u8; 1024],
    len: usize,
}

impl ConstText {
    const fn new() -> Self {
        Self {
            bytes: [0; 1024],
            len: 0,
        }
    }

    const fn plain(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if text.len() <= self.bytes.len() - self.len {
            let mut i = 0;
            while i < text.len() {
                self.bytes[self.len + i] = text[i];
                i += 1;
            }
            self.len += text.len();
        }
        self
    }

    const fn quoted(mut self, parts: &[&str]) -> Self {
        self = self.plain("`");
        let mut i = 0;
        while i < parts.len() {
            self = self.plain(parts[i]);
            i += 1;
        }
        self.plain("`")
    }

    #[track_caller]
    const fn fail(&self) -> ! {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("two sockets do not fit"),
        }
    }
}

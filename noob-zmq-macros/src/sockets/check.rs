//! Checks that need the whole spec.

use std::collections::HashMap;

use proc_macro2::Ident;

use super::ir::{Field, Messages, Peer, Socket, SocketRole, Spec};
use crate::errors::{Errors, list};
use crate::names;
use crate::node::types;

/// Reports every mistake of `spec`, and removes parts that would only lead to further errors.
pub(crate) fn check(spec: &mut Spec, errors: &mut Errors) {
    names_differ(spec, errors);
    paths_differ(spec, errors);
    for field in &mut spec.fields {
        if let Field::Socket(socket) = field {
            codec(socket, errors);
            direction(socket, errors);
            links(socket, errors);
            names_its_spec(socket, errors);
            repeated(
                socket.name.clone(),
                "arrives on",
                &mut socket.receives,
                errors,
            );
            repeated(socket.name.clone(), "is sent on", &mut socket.sends, errors);
        }
    }
    variants_differ(spec, errors);
}

/// Checks that `#[on_inbox(..)]` means one socket, also when a spec contains another.
fn names_differ(spec: &Spec, errors: &mut Errors) {
    let mut seen: HashMap<String, String> = HashMap::new();
    for field in &spec.fields {
        let (at, owner, names) = match field {
            Field::Socket(socket) => (
                &socket.name,
                spec.name.to_string(),
                vec![names::plain(&socket.name)],
            ),
            Field::Nested(nested) => (
                &nested.name,
                nested.spec.name.to_string(),
                nested
                    .spec
                    .socket_names()
                    .into_iter()
                    .map(names::plain)
                    .collect(),
            ),
        };
        for name in names {
            match seen.get(&name) {
                Some(other) => errors.push(
                    at,
                    format!(
                        "`{other}` and `{owner}` both have a socket `{name}`, and \
                         `#[on_{name}(..)]` could mean either; rename one"
                    ),
                ),
                None => _ = seen.insert(name, owner.clone()),
            }
        }
    }
}

/// Checks that no two sockets bind one path.
fn paths_differ(spec: &Spec, errors: &mut Errors) {
    let mut seen: HashMap<&str, &Ident> = HashMap::new();
    for (_, socket) in spec
        .sockets()
        .filter(|(_, socket)| socket.role == SocketRole::Bind)
    {
        match seen.get(socket.path.as_str()) {
            Some(other) => {
                let text = format!(
                    "`{}` and `{other}` bind the same path, `{}`",
                    socket.name, socket.path
                );
                errors.push(&socket.name, text);
            }
            None => _ = seen.insert(&socket.path, &socket.name),
        }
    }
}

/// Checks that a socket with a codec sends messages.
fn codec(socket: &Socket, errors: &mut Errors) {
    if let (Some(codec), true) = (socket.codec, socket.sends.list.is_empty()) {
        let name = &socket.name;
        let text = format!(
            "`{name}` sends no messages, and a socket receives every codec; remove \
                 `#[codec(..)]`"
        );
        errors.push_at(codec.at, text);
    }
}

/// Checks that the type of a socket that sends names its spec.
fn names_its_spec(socket: &Socket, errors: &mut Errors) {
    let (Some(kind), false) = (socket.kind(), socket.sends.list.is_empty()) else {
        return;
    };
    if kind.sends && types::is_bare(&socket.ty) {
        let (name, ty) = (names::plain(&socket.name), kind.name);
        let text = format!(
            "`{name}` sends messages, so its type names the spec that declares them: write \
             `{name}: {ty}<Self>`"
        );
        errors.push(&socket.ty, text);
    }
}

/// Checks that messages can arrive on a socket and can be sent on it, as its kind has it.
fn direction(socket: &mut Socket, errors: &mut Errors) {
    let Some(kind) = socket.kind() else { return };
    let name = kind.name;
    if let (false, Some(at)) = (kind.receives, socket.receives.at) {
        let instead = if name == "Pub" {
            "; an `XPub` receives subscriptions"
        } else {
            ""
        };
        let text =
            format!("messages never arrive on a `{name}` socket; remove `#[recv(..)]`{instead}");
        errors.push_at(at, text);
        socket.receives = Messages::default();
    }
    if let (false, Some(at)) = (kind.sends, socket.sends.at) {
        let text = format!("messages cannot be sent on a `{name}` socket; remove `#[send(..)]`");
        errors.push_at(at, text);
        socket.sends = Messages::default();
    }
}

/// Checks the links to foreign peers.
///
/// Links to sockets of a spec are checked by constants, where both kinds are known.
fn links(socket: &mut Socket, errors: &mut Errors) {
    let Some(own) = socket.kind() else { return };
    socket.peers.retain(|peer| {
        let Peer::Kind(at, peer) = peer else {
            return true;
        };
        let legal = own.peers.contains(&peer.name);
        if !legal {
            let (name, article) = (own.name, own.article());
            let text = format!(
                "{article} `{name}` socket cannot be linked to a `{}`; ZeroMQ links it to {}",
                peer.name,
                list(own.peers)
            );
            errors.push(at, text);
        }
        legal
    });
}

/// Checks that the name of a message stands for one message on a socket, in each direction.
fn repeated(socket: Ident, direction: &str, messages: &mut Messages, errors: &mut Errors) {
    let mut seen: Vec<Ident> = Vec::new();
    messages.list.retain(|message| {
        let again = seen.contains(&message.name);
        if again {
            let name = &message.name;
            let text = format!(
                "a `{name}` {direction} `{socket}` already; remove this one, or name it: \
                     `{name} as Other{name}`"
            );
            errors.push(&message.payload, text);
        }
        seen.push(message.name.clone());
        !again
    });
}

/// Checks that variants differ: `a_b` receiving `C` and `a` receiving `BC` are both `ABC`.
fn variants_differ(spec: &mut Spec, errors: &mut Errors) {
    let mut seen: HashMap<String, String> = HashMap::from([(
        "Other".to_owned(),
        "messages that the spec does not name".to_owned(),
    )]);
    let mut fresh =
        |variant: Ident, what: String, errors: &mut Errors| match seen.get(&variant.to_string()) {
            Some(other) => {
                errors.push(
                &variant,
                format!(
                    "{what} would be the variant `{variant}` for handlers, like {other}; rename one"
                ),
            );
                false
            }
            None => seen.insert(variant.to_string(), what).is_none(),
        };
    spec.fields.retain_mut(|field| match field {
        Field::Nested(nested) => fresh(
            names::nested_variant(&nested.name),
            format!("`{}`", nested.name),
            errors,
        ),
        Field::Socket(socket) => {
            let name = socket.name.clone();
            socket.receives.list.retain(|message| {
                fresh(
                    names::variant(&name, &message.name),
                    format!("`{}` on `{name}`", message.name),
                    errors,
                )
            });
            true
        }
    });
}

//! Handlers against the spec: every mistake at the token that must change, and what each handler answers.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::{Path, Type};

use super::ir::{Block, Delegate, Handler};
use crate::errors::{Errors, list, nearest};
use crate::names;
use crate::sockets::{Arrival, Kind, Known, Member};

/// A socket of the spec, or of a spec inside it.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// The spec that declares it.
    pub(crate) owner: &'a Known,
    /// The way to that spec: fields and their numbers.
    pub(crate) way: Vec<(usize, &'a Ident)>,
    pub(crate) name: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) receives: &'a [Arrival],
}

/// A handler and what it answers.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) place: usize,
    pub(crate) arrival: &'a Arrival,
    pub(crate) handler: &'a Handler,
}

/// Every socket of `spec`, in the order of its numbers.
pub(crate) fn places(spec: &Known) -> Vec<Place<'_>> {
    fn walk<'a>(spec: &'a Known, way: &[(usize, &'a Ident)], places: &mut Vec<Place<'a>>) {
        for (number, member) in spec.members.iter().enumerate() {
            match member {
                Member::Socket { name, ty, receives } => {
                    places.push(Place {
                        owner: spec,
                        way: way.to_vec(),
                        name,
                        ty,
                        receives,
                    });
                }
                Member::Nested { name, spec } => {
                    walk(spec, &[way, &[(number, name)]].concat(), places)
                }
            }
        }
    }
    let mut places = Vec::new();
    walk(spec, &[], &mut places);
    places
}

/// What each handler answers, in the order of the source. Whatever is wrong is reported.
pub(crate) fn answers<'a>(
    spec: &Known,
    places: &[Place<'a>],
    block: &'a Block,
    errors: &mut Errors,
) -> Vec<Answer<'a>> {
    let mut answers: Vec<Answer<'a>> = Vec::new();
    for handler in &block.handlers {
        let Some((place, arrival)) = answered(spec, places, handler, errors) else {
            continue;
        };
        let earlier = answers
            .iter()
            .find(|earlier| earlier.place == place && earlier.arrival.name == arrival.name)
            .filter(|earlier| earlier.handler.cfgs.is_empty() && handler.cfgs.is_empty());
        if let Some(earlier) = earlier {
            let (message, socket, method) =
                (&arrival.name, places[place].name, &earlier.handler.method);
            errors.push(&handler.method, format!("`{message}` on `{socket}` already has a handler, `{method}`; remove one of them"));
            errors.push(method, "the first handler is here");
            continue;
        }
        answers.push(Answer {
            place,
            arrival,
            handler,
        });
    }
    delegates(spec, block, errors);
    for answer in &answers {
        let place = &places[answer.place];
        if answer.handler.looks && !delegated(place, &block.delegate) {
            let payload = &answer.arrival.payload;
            errors.push(
                &answer.handler.payload,
                format!("a handler that takes `&{payload}` looks, and the message goes on to a delegate, but nothing is delegated here; take `{payload}`"),
            );
        }
    }
    if errors.is_empty() && !block.broken {
        missing(places, block, &answers, errors);
    }
    answers
}

fn answered<'a>(
    spec: &Known,
    places: &[Place<'a>],
    handler: &Handler,
    errors: &mut Errors,
) -> Option<(usize, &'a Arrival)> {
    let name = handler.socket.as_str();
    let Some(at) = places
        .iter()
        .position(|place| names::plain(place.name) == name)
    else {
        let receiving = places
            .iter()
            .filter(|place| !place.receives.is_empty())
            .map(|place| format!("on_{}", names::plain(place.name)));
        let receiving: Vec<String> = receiving.collect();
        let wanted = format!("on_{name}");
        let meant = match nearest(&wanted, receiving.iter().map(String::as_str)) {
            Some(near) if receiving.len() > 1 => format!("; did you mean `{near}`?"),
            _ => String::new(),
        };
        let give = if receiving.is_empty() {
            "nothing arrives on its sockets".to_owned()
        } else {
            format!("its sockets give {}", list(&receiving))
        };
        errors.push(
            &handler.on,
            format!(
                "`{}` has no socket named `{name}`; {give}{meant}",
                spec.name
            ),
        );
        return None;
    };
    let place = &places[at];
    let (owner, key) = (&place.owner.name, key(&handler.message)?);
    if place.receives.is_empty() {
        let ty = place.ty.to_token_stream().to_string().replace(' ', "");
        let text = match Kind::of_type(place.ty) {
            Some(kind) if !kind.receives => {
                format!(
                    "nothing arrives on `{name}`: `{owner}` declares it `{ty}`, which only sends; remove this handler"
                )
            }
            _ => format!(
                "nothing arrives on `{name}`: `{owner}` declares it `{ty}` without `#[recv(..)]`; list there what does"
            ),
        };
        errors.push(&handler.on, text);
        return None;
    }
    let arrival = place
        .receives
        .iter()
        .find(|arrival| names::plain(&arrival.name) == names::plain(key));
    if arrival.is_none() {
        let receives = list(place.receives.iter().map(|arrival| &arrival.name));
        let known: Vec<String> = place
            .receives
            .iter()
            .map(|arrival| arrival.name.to_string())
            .collect();
        let by_type = place
            .receives
            .iter()
            .find(|arrival| &arrival.payload == key)
            .map(|arrival| arrival.name.to_string());
        let near = by_type
            .as_deref()
            .or_else(|| nearest(&key.to_string(), known.iter().map(String::as_str)));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it to `#[recv(..)]` in `{owner}` if it should"),
        };
        errors.push(
            &handler.message,
            format!("`{key}` does not arrive on `{name}`, which receives {receives}; {help}"),
        );
    }
    arrival.map(|arrival| (at, arrival))
}

/// A message is known by the last segment of its path.
fn key(message: &Path) -> Option<&Ident> {
    message.segments.last().map(|last| &last.ident)
}

/// `delegate(..)` must name contained specs.
fn delegates(spec: &Known, block: &Block, errors: &mut Errors) {
    let Delegate::Parts(parts) = &block.delegate else {
        return;
    };
    let nested: Vec<&Ident> = spec
        .members
        .iter()
        .filter_map(|member| match member {
            Member::Nested { name, .. } => Some(name),
            Member::Socket { .. } => None,
        })
        .collect();
    for part in parts {
        if !nested.contains(&&part.nested) {
            let known = if nested.is_empty() {
                format!(
                    "it contains none; pass on everything with `delegate = {}`",
                    part.field
                )
            } else {
                format!("it contains {}", list(&nested))
            };
            errors.push(
                &part.nested,
                format!(
                    "`{}` contains no spec named `{}`; {known}",
                    spec.name, part.nested
                ),
            );
        }
    }
}

/// Whether a message of this socket that has no handler goes to a delegate.
pub(crate) fn delegated(place: &Place<'_>, delegate: &Delegate) -> bool {
    match (delegate, place.way.first()) {
        (Delegate::None, _) | (Delegate::Parts(_), None) => false,
        (Delegate::Whole(_), _) => true,
        (Delegate::Parts(parts), Some((_, nested))) => {
            parts.iter().any(|part| part.nested == **nested)
        }
    }
}

/// Every message must have a handler, or a delegate to go to.
fn missing(places: &[Place<'_>], block: &Block, answers: &[Answer<'_>], errors: &mut Errors) {
    for (at, place) in places.iter().enumerate() {
        if delegated(place, &block.delegate) {
            continue;
        }
        for arrival in place.receives {
            if answers
                .iter()
                .any(|answer| answer.place == at && answer.arrival.name == arrival.name)
            {
                continue;
            }
            let (message, payload, socket) =
                (&arrival.name, &arrival.payload, names::plain(place.name));
            let of = if names::is_message_type(message) {
                "MessageType::"
            } else {
                ""
            };
            let (method, binding) = (
                names::snake(&message.to_string()),
                names::snake(&payload.to_string()),
            );
            let mut text = format!(
                "`{message}` arrives on `{socket}` but nothing handles it; add\n\n    \
                 #[on_{socket}({of}{message})]\n    \
                 async fn on_{method}(&mut self, {binding}: {payload}) {{}}"
            );
            if let Some((_, nested)) = place.way.first() {
                text.push_str(&format!("\n\nor pass on what `{nested}` receives: `delegate({nested} = ..)` in `#[handlers(..)]`"));
            }
            errors.push(&block.actor, text);
        }
    }
}

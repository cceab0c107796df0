//! Checks handlers against the spec, and reports every mistake at the token that must change.

use noob_zmq_spec::suggest::nearest;
use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::{Path, Type};

use super::ir::{Delegate, Handler, HandlersBlock};
use crate::errors::{Errors, list};
use crate::names;
use crate::sockets::{Arrival, Kind, Known, Member};

/// Socket of the spec, or of a spec that it contains.
#[derive(Debug)]
pub(crate) struct SocketSite<'a> {
    /// Spec that declares the socket.
    pub(crate) owner: &'a Known,
    /// Fields that lead to that spec, with their numbers.
    pub(crate) nesting: Vec<(usize, &'a Ident)>,
    pub(crate) name: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) receives: &'a [Arrival],
}

/// Handler and the message that it handles.
#[derive(Debug)]
pub(crate) struct HandledMessage<'a> {
    pub(crate) site: usize,
    pub(crate) arrival: &'a Arrival,
    pub(crate) handler: &'a Handler,
}

/// Returns every socket of `spec`, in the order of its numbers.
pub(crate) fn sites(spec: &Known) -> Vec<SocketSite<'_>> {
    fn walk<'a>(spec: &'a Known, nesting: &[(usize, &'a Ident)], sites: &mut Vec<SocketSite<'a>>) {
        for (number, member) in spec.members.iter().enumerate() {
            match member {
                Member::Socket { name, ty, receives } => {
                    sites.push(SocketSite {
                        owner: spec,
                        nesting: nesting.to_vec(),
                        name,
                        ty,
                        receives,
                    });
                }
                Member::Nested { name, spec } => {
                    walk(spec, &[nesting, &[(number, name)]].concat(), sites)
                }
            }
        }
    }
    let mut sites = Vec::new();
    walk(spec, &[], &mut sites);
    sites
}

/// Returns what each handler handles, in the order of the source, and reports every mistake.
pub(crate) fn handled_messages<'a>(
    spec: &Known,
    sites: &[SocketSite<'a>],
    block: &'a HandlersBlock,
    errors: &mut Errors,
) -> Vec<HandledMessage<'a>> {
    let mut handled_messages: Vec<HandledMessage<'a>> = Vec::new();
    for handler in &block.handlers {
        let Some((site, arrival)) = find_arrival(spec, sites, handler, errors) else {
            continue;
        };
        let earlier = handled_messages
            .iter()
            .find(|earlier| earlier.site == site && earlier.arrival.name == arrival.name)
            .filter(|earlier| earlier.handler.cfgs.is_empty() && handler.cfgs.is_empty());
        if let Some(earlier) = earlier {
            let (message, socket, method) = (
                &arrival.name,
                sites[site].name,
                &earlier.handler.signature.method,
            );
            let text = format!(
                "`{message}` on `{socket}` already has a handler, \
                                                  `{method}`; remove one of them"
            );
            errors.push(&handler.signature.method, text);
            errors.push(method, "the first handler is here");
            continue;
        }
        handled_messages.push(HandledMessage {
            site,
            arrival,
            handler,
        });
    }
    check_delegates(spec, block, errors);
    for handled in &handled_messages {
        check_passing_on(&sites[handled.site], block, handled, errors);
    }
    if errors.is_empty() && !block.broken {
        check_all_handled(sites, block, &handled_messages, errors);
    }
    handled_messages
}

/// Checks that a delegate receives what a handler only observes, and that it does without a message
/// only where the handler says so.
fn check_passing_on(
    site: &SocketSite<'_>,
    block: &HandlersBlock,
    handled: &HandledMessage<'_>,
    errors: &mut Errors,
) {
    let Handler {
        signature,
        instead,
        on,
        message,
        ..
    } = handled.handler;
    let payload = &handled.arrival.payload;
    let nested = site.nesting.first().map(|(_, nested)| *nested);
    let delegate = block.delegate.field_for(nested);
    match (delegate, signature.by_reference, instead) {
        (Some(_), true, false) | (Some(_), false, true) | (None, false, false) => {}
        (None, true, _) => {
            let text = format!(
                "a handler that takes `&{payload}` looks, and the message goes on to a \
                         delegate, but nothing is delegated here; take `{payload}`"
            );
            errors.push(&signature.payload, text);
        }
        (Some(delegate), false, false) => {
            let text = format!(
                "`{delegate}` would never get `{payload}`: a handler that takes `{payload}` keeps \
                 it; take `&{payload}` to look at it before it goes on to `{delegate}`, or write \
                 `#[{on}({}, instead)]` if `{delegate}` can do without it",
                names::spelled(message)
            );
            errors.push(&signature.payload, text);
        }
        (Some(delegate), true, true) => {
            let text = format!(
                "a handler that takes `&{payload}` passes it on to `{delegate}`; remove `instead`, \
                 or take `{payload}`"
            );
            errors.push(&signature.payload, text);
        }
        (None, false, true) => {
            let text = "nothing is delegated here that could receive the message; remove `instead`";
            errors.push(message, text);
        }
    }
}

/// Returns the socket and the message that a handler names.
fn find_arrival<'a>(
    spec: &Known,
    sites: &[SocketSite<'a>],
    handler: &Handler,
    errors: &mut Errors,
) -> Option<(usize, &'a Arrival)> {
    let name = handler.socket.as_str();
    let Some(at) = sites
        .iter()
        .position(|site| names::plain(site.name) == name)
    else {
        let receiving = sites
            .iter()
            .filter(|site| !site.receives.is_empty())
            .map(|site| format!("on_{}", names::plain(site.name)));
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
        return errors.reject(
            &handler.on,
            format!(
                "`{}` has no socket named `{name}`; {give}{meant}",
                spec.name
            ),
        );
    };
    let site = &sites[at];
    let (owner, key) = (&site.owner.name, key(&handler.message)?);
    if site.receives.is_empty() {
        let ty = site.ty.to_token_stream().to_string().replace(' ', "");
        let text = match Kind::of_type(site.ty) {
            Some(kind) if !kind.receives => {
                format!(
                    "nothing arrives on `{name}`: `{owner}` declares it `{ty}`, which only sends; \
                     remove this handler"
                )
            }
            _ => format!(
                "nothing arrives on `{name}`: `{owner}` declares it `{ty}` without `#[recv(..)]`; \
                 list there what does"
            ),
        };
        return errors.reject(&handler.on, text);
    }
    let arrival = site
        .receives
        .iter()
        .find(|arrival| names::plain(&arrival.name) == names::plain(key));
    if arrival.is_none() {
        let receives = list(site.receives.iter().map(|arrival| &arrival.name));
        let known: Vec<String> = site
            .receives
            .iter()
            .map(|arrival| arrival.name.to_string())
            .collect();
        let by_type = site
            .receives
            .iter()
            .find(|arrival| &arrival.payload == key)
            .map(|arrival| arrival.name.to_string());
        let near = by_type
            .as_deref()
            .or_else(|| nearest(&key.to_string(), known.iter().map(String::as_str)));
        let help = match (elsewhere(sites, key), near) {
            (Some((socket, arrival)), _) => {
                let message = handler_name(&arrival.name);
                format!("it arrives on `{socket}`: write `#[on_{socket}({message})]`")
            }
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => format!("add it to `#[recv(..)]` in `{owner}` if it should"),
        };
        errors.push(
            &handler.message,
            format!("`{key}` does not arrive on `{name}`, which receives {receives}; {help}"),
        );
    }
    arrival.map(|arrival| (at, arrival))
}

/// Returns the socket on which a message of this name arrives.
fn elsewhere<'a>(sites: &[SocketSite<'a>], key: &Ident) -> Option<(String, &'a Arrival)> {
    sites.iter().find_map(|site| {
        let arrival = site.receives.iter().find(|arrival| arrival.name == *key)?;
        Some((names::plain(site.name), arrival))
    })
}

/// Returns a message as handlers name it: `MessageType::Status`, or `Progress` for another.
fn handler_name(message: &Ident) -> String {
    if names::is_message_type(message) {
        format!("MessageType::{message}")
    } else {
        message.to_string()
    }
}

/// Returns the name of a message: the last segment of its path.
fn key(message: &Path) -> Option<&Ident> {
    message.segments.last().map(|last| &last.ident)
}

/// Checks that `delegate(..)` names contained specs.
fn check_delegates(spec: &Known, block: &HandlersBlock, errors: &mut Errors) {
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
            let text = format!(
                "`{}` contains no spec named `{}`; {known}",
                spec.name, part.nested
            );
            errors.push(&part.nested, text);
        }
    }
}

/// Returns whether a delegate receives what arrives on a socket.
pub(crate) fn delegated(site: &SocketSite<'_>, delegate: &Delegate) -> bool {
    delegate
        .field_for(site.nesting.first().map(|(_, nested)| *nested))
        .is_some()
}

/// Returns whether a type is a path that ends with `name`.
pub(crate) fn is_named(ty: &Type, name: &Ident) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == *name),
        _ => false,
    }
}

/// Checks that every message has a handler, or a delegate.
fn check_all_handled(
    sites: &[SocketSite<'_>],
    block: &HandlersBlock,
    handled_messages: &[HandledMessage<'_>],
    errors: &mut Errors,
) {
    for (at, site) in sites.iter().enumerate() {
        if delegated(site, &block.delegate) {
            continue;
        }
        for arrival in site.receives {
            if handled_messages
                .iter()
                .any(|handled| handled.site == at && handled.arrival.name == arrival.name)
            {
                continue;
            }
            let (message, payload, socket) =
                (&arrival.name, &arrival.payload, names::plain(site.name));
            let name = handler_name(message);
            let forgotten = block.unmarked.iter().find(|(_, ty)| is_named(ty, payload));
            if let Some((method, _)) = forgotten {
                let text = format!(
                    "`{message}` arrives on `{socket}` but nothing handles it: `{method}` takes a \
                     `{payload}` and has no attribute; put `#[on_{socket}({name})]` above it"
                );
                errors.push(method, text);
                continue;
            }
            let (method, binding) = (
                names::snake(&message.to_string()),
                names::snake(&payload.to_string()),
            );
            let mut text = format!(
                "`{message}` arrives on `{socket}` but nothing handles it; add\n\n    \
                 #[on_{socket}({name})]\n    \
                 async fn on_{method}(&mut self, {binding}: {payload}) {{}}"
            );
            if let Some((_, nested)) = site.nesting.first() {
                text.push_str(&format!(
                    "\n\nor pass on what `{nested}` receives: \
                                        `delegate({nested} = ..)` in `#[handlers(..)]`"
                ));
            }
            errors.push(&block.actor, text);
        }
    }
}

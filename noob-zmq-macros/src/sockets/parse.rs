//! Reads a struct under `#[derive(Sockets)]`.
//!
//! Errors are collected, and the rest is read nevertheless.

use proc_macro2::Ident;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Meta, Path, Token, Type};

use super::codec::codec as read_codec;
use super::ir::{Field, Message, Messages, Nested, Socket, SocketRole, Spec};
use super::known::Known;
use super::peers::peers;
use super::templates::{check_path, check_placeholders};
use crate::attrs::{AttrArgs, docs, library_path};
use crate::errors::Errors;
use crate::names;
use crate::node::types;

/// Options of `#[sockets(..)]`.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) krate: Path,
    path: Option<LitStr>,
    identity: Option<LitStr>,
}

/// Reads the options of the struct.
pub(crate) fn options(input: &DeriveInput, errors: &mut Errors) -> Options {
    let args = AttrArgs::of_item(&input.attrs, "sockets", errors);
    let [path, identity, krate] =
        args.retain("#[sockets(..)]", ["path", "identity", "crate"], errors);
    Options {
        krate: library_path(krate, errors),
        path: path.and_then(|arg| arg.equals("\"command\"", errors)),
        identity: identity.and_then(|arg| arg.equals("\"{id}\"", errors)),
    }
}

/// Returns the types of the fields that are specs of their own, in order.
pub(crate) fn nested(input: &DeriveInput) -> Vec<Path> {
    let Data::Struct(data) = &input.data else {
        return Vec::new();
    };
    data.fields
        .iter()
        .filter(|field| is_nested(&field.attrs))
        .filter_map(|field| path_of(&field.ty))
        .collect()
}

fn is_nested(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("sockets"))
}

fn path_of(ty: &Type) -> Option<Path> {
    match ty {
        Type::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        _ => None,
    }
}

/// Reads the struct; `inner` are the specs of [`nested`], in the same order.
///
/// `None` if the struct cannot be a spec at all.
pub(crate) fn spec(input: &DeriveInput, inner: Vec<Known>, errors: &mut Errors) -> Option<Spec> {
    let name = &input.ident;
    let options = options(input, errors);
    if let Some(generic) = input.generics.params.first() {
        let text =
            format!("`{name}` describes sockets, which have no parameters; remove the generics");
        return errors.reject(generic, text);
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            _ => {
                let text =
                    format!("`{name}` needs one named field for each socket, as in `outbox: XPub`");
                return errors.reject(name, text);
            }
        },
        _ => {
            let text = format!(
                "`{name}` is not a struct; sockets are described by a struct with one field \
                     for each"
            );
            return errors.reject(name, text);
        }
    };
    let base = match &options.path {
        Some(path) => path.value(),
        None => default_path(name),
    };
    if let Some(path) = &options.path {
        check_path(path, errors);
    }
    if let Some(identity) = &options.identity {
        check_placeholders(identity, errors);
    }
    let defaults = Defaults {
        base,
        identity: options.identity.as_ref().map(LitStr::value),
    };
    let spec_name = name;
    let mut inner = inner.into_iter();
    let mut spec = Spec {
        name: name.clone(),
        vis: input.vis.clone(),
        doc: docs(&input.attrs),
        krate: options.krate,
        fields: Vec::new(),
    };
    for field in fields {
        let Some(name) = &field.ident else { continue };
        if is_nested(&field.attrs) {
            let read = nested_field(name, field, errors).zip(inner.next());
            spec.fields.extend(read.map(|(ty, spec)| {
                Field::Nested(Nested {
                    name: name.clone(),
                    ty,
                    spec,
                })
            }));
        } else {
            let own: Type = syn::parse_quote!(#spec_name);
            let mut socket = socket(name, field, &defaults, errors);
            // `Self` means another type in the constants of the expansion.
            socket.ty = types::without_self(&socket.ty, &own);
            spec.fields.push(Field::Socket(Box::new(socket)));
        }
    }
    Some(spec)
}

/// `CommandSockets` → `command`.
fn default_path(name: &Ident) -> String {
    let name = names::plain(name);
    let stem = name
        .strip_suffix("Sockets")
        .filter(|stem| !stem.is_empty())
        .unwrap_or(&name);
    names::snake(stem)
}

fn nested_field(name: &Ident, field: &syn::Field, errors: &mut Errors) -> Option<Path> {
    for attr in &field.attrs {
        if SOCKET_ATTRIBUTES
            .iter()
            .any(|known| attr.path().is_ident(known))
        {
            let text = format!(
                "`{name}` is a spec with sockets of its own; only `#[sockets]` belongs on it"
            );
            errors.push(attr, text);
        } else if attr.path().is_ident("sockets") && !matches!(attr.meta, Meta::Path(_)) {
            let text = format!(
                "`#[sockets]` on a field takes no options; those of `{name}` are given where \
                     its type is"
            );
            errors.push(attr, text);
        }
    }
    let path = path_of(&field.ty);
    if path.is_none() {
        let text = format!("`{name}` must be a struct with `#[derive(Sockets)]`");
        errors.push(&field.ty, text);
    }
    path
}

const SOCKET_ATTRIBUTES: [&str; 6] = ["bind", "connect", "recv", "send", "codec", "peer"];

/// Values of a socket that its attributes do not give.
struct Defaults {
    base: String,
    identity: Option<String>,
}

fn socket(name: &Ident, field: &syn::Field, defaults: &Defaults, errors: &mut Errors) -> Socket {
    let mut at: [Option<&Attribute>; SOCKET_ATTRIBUTES.len()] = [None; SOCKET_ATTRIBUTES.len()];
    for attr in &field.attrs {
        let Some(which) = SOCKET_ATTRIBUTES
            .iter()
            .position(|known| attr.path().is_ident(known))
        else {
            continue;
        };
        if at[which].is_some() {
            let which = SOCKET_ATTRIBUTES[which];
            let text = format!("`#[{which}]` is given twice on `{name}`; keep one");
            errors.push(attr.path(), text);
        } else {
            at[which] = Some(attr);
        }
    }
    let [bind, connect, recv, send, codec, peer] = at;
    let plain = names::plain(name);
    let (role, path) = role(&plain, name, bind, connect, errors);
    let fill = |template: &str| template.replace("{socket}", &plain);
    Socket {
        name: name.clone(),
        doc: docs(&field.attrs),
        ty: field.ty.clone(),
        role,
        path: path.unwrap_or_else(|| format!("{}/{plain}", defaults.base)),
        identity: match &defaults.identity {
            Some(identity) => fill(identity),
            None => format!("{}.{plain}", defaults.base.replace('/', ".")),
        },
        receives: messages(recv, errors),
        sends: messages(send, errors),
        codec: codec.map(|attr| read_codec(attr, errors)),
        peers: peer.map(|attr| peers(attr, errors)).unwrap_or_default(),
    }
}

/// Returns the end of the link that a socket is, and the path if one was given.
fn role(
    plain: &str,
    name: &Ident,
    bind: Option<&Attribute>,
    connect: Option<&Attribute>,
    errors: &mut Errors,
) -> (SocketRole, Option<String>) {
    match (bind, connect) {
        (Some(_), Some(connect)) => {
            let text = format!(
                "`{plain}` both binds and connects; keep one of `#[bind]` and `#[connect]`"
            );
            errors.push(connect.path(), text);
            (SocketRole::Bind, None)
        }
        (Some(bind), None) => (SocketRole::Bind, address(bind, "bind", errors)),
        (None, Some(connect)) => match address(connect, "connect", errors) {
            Some(path) => (SocketRole::Connect, Some(path)),
            None => (SocketRole::ConnectLater, None),
        },
        (None, None) => {
            let text =
                format!("say whether `{plain}` binds or connects: `#[bind]` or `#[connect]`");
            errors.push(name, text);
            (SocketRole::Bind, None)
        }
    }
}

/// Returns the path of `#[bind("path")]`.
fn address(attr: &Attribute, which: &str, errors: &mut Errors) -> Option<String> {
    if matches!(attr.meta, Meta::Path(_)) {
        return None;
    }
    let Ok(path) = attr.parse_args::<LitStr>() else {
        let text = format!("`{which}` takes one path: `#[{which}(\"command/inbox\")]`, or nothing");
        return errors.reject(attr.meta.clone(), text);
    };
    check_path(&path, errors);
    Some(path.value())
}

fn messages(attr: Option<&Attribute>, errors: &mut Errors) -> Messages {
    let Some(attr) = attr else {
        return Messages::default();
    };
    let which = attr
        .path()
        .get_ident()
        .map(ToString::to_string)
        .unwrap_or_default();
    let list = match &attr.meta {
        Meta::List(meta) => errors.attempt(
            Punctuated::<Message, Token![,]>::parse_terminated.parse2(meta.tokens.clone()),
        ),
        _ => Some(Punctuated::new()),
    };
    if list.as_ref().is_some_and(Punctuated::is_empty) {
        let text = format!("name the messages: `#[{which}(Status, Failure)]`");
        errors.push(attr, text);
    }
    Messages {
        at: Some(attr.path().span()),
        list: list.into_iter().flatten().collect(),
    }
}

impl Parse for Message {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let payload: Path = input.parse()?;
        let name = if input.parse::<Option<Token![as]>>()?.is_some() {
            input.parse()?
        } else {
            match payload.segments.last() {
                Some(last) => last.ident.clone(),
                None => return Err(input.error("the name of a message is missing")),
            }
        };
        Ok(Self { name, payload })
    }
}

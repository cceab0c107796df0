//! First stage: reads `#[handlers(..)]` and every `#[on_..(..)]` under it.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Meta, Path, Token, Type};

use super::ir::{Delegate, DelegatePart, Handler, HandlersBlock};
use super::signature::{HandlerSignature, arguments};
use crate::attrs::{Leading, cfgs, library_path};
use crate::errors::Errors;
use crate::names;
use crate::node::{ImplBlock, ImplMember};

/// Reads the arguments of `#[handlers(..)]` and the block.
///
/// Returns `None` if no spec can be asked.
pub(crate) fn block(
    arguments: TokenStream,
    item: &ImplBlock,
    errors: &mut Errors,
) -> Option<HandlersBlock> {
    if arguments.is_empty() {
        return errors.reject(
            arguments,
            "name the sockets that are handled: `#[handlers(CommandSockets)]`",
        );
    }
    let options = Leading::parse(arguments, |input| input.call(Path::parse_mod_style));
    let Leading { first: spec, args } = errors.attempt(options)?;
    let [delegate, other, addons, krate] = args.retain(
        "#[handlers(..)]",
        ["delegate", "other", "addons", "crate"],
        errors,
    );
    let krate = library_path(krate, errors);
    let delegate = match delegate {
        None => Delegate::None,
        Some(arg) => match &arg.meta {
            Meta::List(_) => Delegate::Parts(
                arg.list::<DelegatePart>("(command = inner)", errors)
                    .unwrap_or_default(),
            ),
            _ => arg
                .equals("inner", errors)
                .map_or(Delegate::None, Delegate::Whole),
        },
    };
    if let Some(addons) = &addons {
        if !matches!(addons.meta, Meta::Path(_)) {
            errors.push(&addons.meta, "`addons` takes no value");
        } else if other.is_some() {
            errors.push(
                &addons.meta,
                "kinds that the spec does not name go to `addons` or to `other`; remove one of \
                 them",
            );
        } else if matches!(delegate, Delegate::Whole(_)) {
            errors.push(
                &addons.meta,
                "kinds that the spec does not name go to the delegate; let that one take `addons`",
            );
        }
    }
    if let Some((of_trait, _)) = &item.of_trait {
        return errors.reject(
            of_trait,
            "handlers are methods of the actor itself; put `#[handlers(..)]` on \
                               an `impl` block without a trait",
        );
    }
    let members = item.members.iter();
    let handlers = members
        .flat_map(|member| handlers(member, errors))
        .collect();
    let unmarked = item.members.iter().filter_map(unmarked).collect();
    let other = other
        .and_then(|arg| arg.equals::<Ident>("on_other", errors))
        .and_then(|method| other_handler(method, &item.members, errors));
    Some(HandlersBlock {
        krate,
        spec,
        actor: item.ty.clone(),
        generics: item.generics.clone(),
        delegate,
        other,
        addons: addons.is_some(),
        broken: !errors.is_empty(),
        handlers,
        unmarked,
    })
}

/// Returns whether an attribute is one of ours: `on_<socket>`, or `on` behind a path
/// (`noob_zmq::on`).
fn is_ours(attr: &Attribute) -> bool {
    let path = attr.path();
    match path.segments.last() {
        Some(last) if path.segments.len() == 1 => last.ident.to_string().starts_with("on_"),
        Some(last) => last.ident == "on",
        None => false,
    }
}

/// Removes our attributes from a block.
pub(crate) fn strip(block: &mut ImplBlock) {
    for member in &mut block.members {
        member.attrs().retain(|attr| !is_ours(attr));
    }
}

/// Reads the handlers that a member of the block is.
fn handlers(member: &ImplMember, errors: &mut Errors) -> Vec<Handler> {
    let (attrs, signature) = match member {
        ImplMember::Method(method) => (&method.attrs, Some(&method.sig)),
        ImplMember::Other(attrs, _) => (attrs, None),
    };
    let ours: Vec<&Attribute> = attrs.iter().filter(|attr| is_ours(attr)).collect();
    if ours.is_empty() {
        return Vec::new();
    }
    let Some(signature) = signature else {
        for attr in ours {
            errors.push(attr, "only a method can be a handler");
        }
        return Vec::new();
    };
    let arguments = arguments(signature, errors);
    let mut handlers = Vec::new();
    for attr in ours {
        let named = named(attr, errors).zip(arguments.clone());
        handlers.extend(named.map(|(named, signature)| Handler {
            cfgs: cfgs(attrs),
            on: named.on,
            socket: named.socket,
            message: named.arguments.message,
            instead: named.arguments.instead,
            signature,
        }));
    }
    handlers
}

/// Returns a method that could be a handler, and has no attribute of ours.
fn unmarked(member: &ImplMember) -> Option<(Ident, Type)> {
    let ImplMember::Method(method) = member else {
        return None;
    };
    let mut inputs = method.sig.inputs.iter();
    match (inputs.next()?, inputs.next()?) {
        (FnArg::Receiver(_), FnArg::Typed(message)) if !method.attrs.iter().any(is_ours) => {
            let ty = match &*message.ty {
                Type::Reference(reference) => &reference.elem,
                _ => &message.ty,
            };
            Some((method.sig.ident.clone(), (**ty).clone()))
        }
        _ => None,
    }
}

/// Returns the method that `other = on_other` names, which must be in the block.
fn other_handler(
    method: Ident,
    members: &[ImplMember],
    errors: &mut Errors,
) -> Option<HandlerSignature> {
    let found = members.iter().find_map(|member| match member {
        ImplMember::Method(found) => (found.sig.ident == method).then_some(&found.sig),
        ImplMember::Other(..) => None,
    });
    let Some(signature) = found else {
        let text = format!(
            "there is no method `{method}` in this block; add\n\n    fn \
                                      {method}(&mut self, message: RawMessage) {{}}"
        );
        return errors.reject(&method, text);
    };
    let arguments = arguments(signature, errors)?;
    if arguments.by_reference {
        return errors.reject(
            &arguments.payload,
            "a message of a kind that the spec does not name is given away: take `RawMessage`",
        );
    }
    Some(arguments)
}

/// Attribute of a handler: the name as written, the socket, and the arguments.
struct Named {
    on: Ident,
    socket: String,
    arguments: OnArguments,
}

/// Reads `#[on_router(MessageType::Status)]` or `#[noob_zmq::on(router, MessageType::Status)]`.
fn named(attr: &Attribute, errors: &mut Errors) -> Option<Named> {
    let on = attr.path().segments.last()?.ident.clone();
    if on == "on" {
        let parse = |input: ParseStream<'_>| {
            let socket: Ident = input.parse()?;
            input.parse::<Token![,]>()?;
            Ok((socket, input.parse()?))
        };
        let Ok((socket, arguments)) = attr.parse_args_with(parse) else {
            return errors.reject(
                attr.meta.clone(),
                "name the socket and the message: `on(router, MessageType::Status)`",
            );
        };
        return Some(Named {
            socket: names::plain(&socket),
            on: socket,
            arguments,
        });
    }
    let name = names::plain(&on);
    let socket = name.strip_prefix("on_").filter(|socket| !socket.is_empty());
    let Some(socket) = socket else {
        return errors.reject(
            &on,
            "name the socket: `#[on_router(..)]` handles what arrives on `router`",
        );
    };
    let arguments = match &attr.meta {
        Meta::List(list) => syn::parse2(list.tokens.clone()).ok(),
        _ => None,
    };
    let Some(arguments) = arguments else {
        let text = format!(
            "name one message: `#[{name}(MessageType::Status)]`; a method for two has two \
                     such attributes"
        );
        return errors.reject(attr.meta.clone(), text);
    };
    let socket = socket.to_owned();
    Some(Named {
        on,
        socket,
        arguments,
    })
}

mod keyword {
    syn::custom_keyword!(instead);
}

/// Arguments of `#[on_router(MessageType::Status, instead)]`.
struct OnArguments {
    message: Path,
    instead: bool,
}

impl Parse for OnArguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let message = input.parse()?;
        let mut instead = false;
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            input.parse::<keyword::instead>()?;
            input.parse::<Option<Token![,]>>()?;
            instead = true;
        }
        Ok(Self { message, instead })
    }
}

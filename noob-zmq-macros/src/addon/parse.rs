//! Reads `#[addon(NodeRunner, on_inbox(Heartbeat))]` and the signature under it.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{FnArg, Meta, Type};

use super::ir::{Addon, AddonMessage};
use crate::attrs::{Leading, library_path};
use crate::errors::Errors;
use crate::names;
use crate::node::Function;

const OPTIONS: &str =
    "name the actor, the socket and the message: `#[addon(NodeRunner, on_inbox(Heartbeat))]`";
const SHAPE: &str = "an add-on handler takes `&mut` its actor, then the message, then `context: \
                     &Context` if it needs it";

/// Returns the actor alone, as far as it can be read.
pub(crate) fn actor(arguments: TokenStream) -> Option<Type> {
    options(arguments).ok().map(|options| options.first)
}

fn options(arguments: TokenStream) -> syn::Result<Leading<Type>> {
    Leading::parse(arguments, |input| input.parse())
}

/// Returns the add-on, or reports its mistakes.
pub(crate) fn addon(
    arguments: TokenStream,
    item: TokenStream,
    errors: &mut Errors,
) -> Option<Addon> {
    // Without tokens, the error stands at the attribute.
    let Ok(Leading { first: actor, args }) = options(arguments.clone()) else {
        return errors.reject(arguments, OPTIONS);
    };
    let (mut on, mut krate) = (None, None);
    for arg in args.0 {
        let name = names::plain(&arg.name);
        match name.strip_prefix("on_").filter(|socket| !socket.is_empty()) {
            Some(_) if on.is_some() => {
                errors.push(
                    &arg.name,
                    "an add-on handler handles one message; write a function for each",
                );
            }
            Some(socket) => on = Some((socket.to_owned(), arg)),
            None if name == "crate" => krate = Some(arg),
            None => errors.push(
                &arg.name,
                format!(
                    "`#[addon(..)]` has no option `{name}`; it takes `on_<socket>` and `crate`"
                ),
            ),
        }
    }
    let Some((socket, on)) = on else {
        if errors.is_empty() {
            errors.push(&actor, OPTIONS);
        }
        return None;
    };
    let message = match &on.meta {
        Meta::List(list) => list.parse_args().ok().map(AddonMessage::Typed),
        Meta::NameValue(pair) => {
            let kind = syn::parse2(pair.value.to_token_stream());
            kind.ok().map(AddonMessage::Kind)
        }
        Meta::Path(_) => None,
    };
    let Some(message) = message else {
        return errors.reject(
            &on.meta,
            format!(
                "name one message, `on_{socket}(Heartbeat)`, or one kind, `on_{socket} = \
                     \"heartbeat\"`"
            ),
        );
    };
    let function = errors.attempt(syn::parse2::<Function>(item))?;
    let signature = &function.sig;
    if let Some(asynchronous) = &signature.asyncness {
        return errors.reject(
            asynchronous,
            "an add-on handler is not `async`: it must not hold up its actor; spawn what takes \
             long",
        );
    }
    let inputs: Vec<&FnArg> = signature.inputs.iter().collect();
    if !(2..=3).contains(&inputs.len()) || matches!(inputs[0], FnArg::Receiver(_)) {
        return errors.reject(&signature.ident, SHAPE);
    }
    if let FnArg::Typed(first) = inputs[0]
        && !matches!(&*first.ty, Type::Reference(reference) if reference.mutability.is_some())
    {
        return errors.reject(&first.ty, SHAPE);
    }
    let krate = library_path(krate, errors);
    errors.is_empty().then(|| Addon {
        krate,
        actor,
        socket,
        on: on.name,
        message,
        function: signature.ident.clone(),
        context: inputs.len() == 3,
    })
}

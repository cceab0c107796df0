//! Reads `#[addon(NodeRunner, on_inbox(Heartbeat))]` and the signature under it.

use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{FnArg, Token, Type};

use super::ir::{Addon, AddonMessage};
use crate::attrs::{ArgValue, AttrArg, library_path};
use crate::errors::Errors;
use crate::names;
use crate::node::Function;

const OPTIONS: &str =
    "name the actor, the socket and the message: `#[addon(NodeRunner, on_inbox(Heartbeat))]`";
const SHAPE: &str = "an add-on handler takes `&mut` its actor, then the message, then `context: \
                     &Context` if it needs it";

/// Arguments of `#[addon(..)]`.
struct AddonOptions {
    actor: Type,
    args: Punctuated<AttrArg, Token![,]>,
}

impl Parse for AddonOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let actor = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Self {
            actor,
            args: Punctuated::parse_terminated(input)?,
        })
    }
}

/// Returns the actor alone, as far as it can be read.
pub(crate) fn actor(arguments: TokenStream) -> Option<Type> {
    syn::parse2::<AddonOptions>(arguments)
        .ok()
        .map(|options| options.actor)
}

/// Returns the add-on, or reports its mistakes.
pub(crate) fn addon(
    arguments: TokenStream,
    item: TokenStream,
    errors: &mut Errors,
) -> Option<Addon> {
    let Ok(AddonOptions { actor, args }) = syn::parse2::<AddonOptions>(arguments.clone()) else {
        if arguments.is_empty() {
            errors.push_at(Span::call_site(), OPTIONS);
        } else {
            errors.push(arguments, OPTIONS);
        }
        return None;
    };
    let (mut on, mut krate) = (None, None);
    for arg in args {
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
    let message = match &on.value {
        ArgValue::List(tokens) => syn::parse2(tokens.clone()).ok().map(AddonMessage::Typed),
        ArgValue::Equals(tokens) => syn::parse2(tokens.clone()).ok().map(AddonMessage::Kind),
        ArgValue::Word => None,
    };
    let Some(message) = message else {
        errors.push(
            &on,
            format!(
                "name one message, `on_{socket}(Heartbeat)`, or one kind, `on_{socket} = \
                     \"heartbeat\"`"
            ),
        );
        return None;
    };
    let function = errors.attempt(syn::parse2::<Function>(item))?;
    let signature = &function.sig;
    if let Some(asynchronous) = &signature.asyncness {
        errors.push(
            asynchronous,
            "an add-on handler is not `async`: it must not hold up its actor; spawn what takes \
             long",
        );
        return None;
    }
    let inputs: Vec<&FnArg> = signature.inputs.iter().collect();
    if !(2..=3).contains(&inputs.len()) || matches!(inputs[0], FnArg::Receiver(_)) {
        errors.push(&signature.ident, SHAPE);
        return None;
    }
    if let FnArg::Typed(first) = inputs[0]
        && !matches!(&*first.ty, Type::Reference(reference) if reference.mutability.is_some())
    {
        errors.push(&first.ty, SHAPE);
        return None;
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

//! Prints code that reads the arguments of a call, each into a local, and passes them on.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned as _;

use super::expand::here;
use super::ir::{ArgumentDefault, ArgumentSource, Callable, NodeArgument};
use crate::names::plain;

/// `let __argument_left = <i64 as __noob::FromArgument>::required(__call.argument(0))?;` for each
/// argument.
///
/// The call goes by the trait: for a type that does not implement it, the compiler then quotes the
/// type alone, and no bound in the library.
pub(crate) fn reads(call: &Callable, from: &str) -> TokenStream {
    let from = Ident::new(from, here());
    let mut named = 0_usize;
    let read = call.arguments.iter().map(|argument| {
        let name = local(argument);
        let ty = &argument.ty;
        match argument.source {
            ArgumentSource::Named => {}
            ArgumentSource::Rest => {
                // Placed at the type, which is what has to change if it is no mapping.
                let at = here().located_at(ty.span());
                let rest = quote_spanned!(at=> #from.rest::<#ty>());
                return quote_spanned!(here()=> let #name = #rest?;);
            }
            ArgumentSource::Epoch { reference } => {
                let epoch = quote_spanned!(here()=> #from.epoch());
                return given(&name, &epoch, reference);
            }
            ArgumentSource::Events { reference } => {
                let borrow = reference.then(|| quote_spanned!(here()=> &));
                return quote_spanned!(here()=> let #name = #borrow #from.events(););
            }
        }
        let index = Literal::usize_unsuffixed(named);
        named += 1;
        let value = quote_spanned!(here()=> #from.argument(#index));
        if let Some(number) = &argument.slice {
            let method = if argument.optional {
                "optional_slice"
            } else {
                "slice"
            };
            let method = Ident::new(method, here());
            return quote_spanned!(here()=> let #name = #value.#method::<#number>()?;);
        }
        let from_argument = quote_spanned!(here()=> <#ty as __noob::FromArgument>);
        if argument.optional {
            return quote_spanned!(here()=> let #name = #from_argument::optional(#value)?;);
        }
        let default = match &argument.default {
            None => return quote_spanned!(here()=> let #name = #from_argument::required(#value)?;),
            Some(ArgumentDefault::OfType) => {
                quote_spanned!(here()=> ::core::default::Default::default)
            }
            Some(ArgumentDefault::Text(text)) => {
                quote_spanned!(here()=> || ::core::convert::From::from(#text))
            }
            Some(ArgumentDefault::Expr(expr)) => quote_spanned!(here()=> || #expr),
        };
        quote_spanned!(here()=> let #name = #from_argument::or(#value, #default)?;)
    });
    quote_spanned!(here()=> #(#read)*)
}

/// `let __argument_epoch = __call.epoch();`, of one's own if no reference is asked for.
fn given(name: &Ident, value: &TokenStream, reference: bool) -> TokenStream {
    if reference {
        quote_spanned!(here()=> let #name = #value;)
    } else {
        quote_spanned!(here()=> let #name = ::core::clone::Clone::clone(#value);)
    }
}

/// Returns the name of an argument as a local of the expansion: same place, other hygiene.
///
/// All of them have a prefix that no other local of the expansion has, so that none of them hides
/// `__call`, `__params` or another argument.
pub(super) fn local(argument: &NodeArgument) -> Ident {
    let span = here().located_at(argument.ident.span());
    Ident::new(&format!("__argument_{}", plain(&argument.ident)), span)
}

/// Prints an argument as the call takes it: a slice is lent from its local.
pub(super) fn passed(argument: &NodeArgument) -> TokenStream {
    let name = local(argument);
    match (&argument.slice, argument.optional) {
        (None, _) => name.to_token_stream(),
        (Some(_), false) => quote_spanned!(here()=> &#name),
        (Some(_), true) => quote_spanned!(here()=> #name.as_deref()),
    }
}

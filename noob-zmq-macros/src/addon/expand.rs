//! Prints the record of an add-on handler. Cannot fail.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::ir::{Addon, Message};
use crate::names;

/// The record, and the checks that only types can make.
pub(crate) fn addon(addon: &Addon) -> TokenStream {
    let Addon {
        krate,
        actor,
        on,
        socket,
        message,
        function,
        context,
    } = addon;
    let (name, plain) = (names::spelled(actor), names::plain(function));
    let (kind, argument) = match message {
        Message::Typed(path) => (
            names::written(quote!(<#path as #krate::wire::Message>::KIND), path.span()),
            names::written(
                quote!(<#path as #krate::wire::Message>::decode(message).map_err(#krate::actor::HandlerError::new)?),
                path.span(),
            ),
        ),
        Message::Kind(kind) => (quote!(#kind), quote!(::core::clone::Clone::clone(message))),
    };
    let context = context.then(|| quote!(, context));
    let fits = quote_spanned! { on.span() =>
        const _: () = #krate::__private::addon_fits(
            <<#actor as #krate::actor::Actor>::Sockets as #krate::actor::Sockets>::SPEC,
            #socket,
            KIND,
        );
    };
    quote! {
        const _: () = {
            const KIND: &str = #kind;
            #fits
            #krate::__private::inventory::submit! {
                #krate::actor::Addon::new::<#actor>(
                    #name,
                    #socket,
                    KIND,
                    #plain,
                    #krate::actor::Written::new(::core::module_path!(), ::core::file!(), ::core::line!()),
                    |actor, message, context| match actor.downcast_mut::<#actor>() {
                        ::core::option::Option::Some(actor) => {
                            #krate::actor::IntoOutcome::into_outcome(#function(actor, #argument #context))
                        }
                        ::core::option::Option::None => #krate::actor::unnamed(message, context),
                    },
                )
            }
        };
    }
}

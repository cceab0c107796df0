//! Prints the record of an add-on handler; cannot fail.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::spanned::Spanned as _;

use super::ir::{Addon, AddonMessage};
use crate::names;

/// Returns the record, and the checks that only types can make.
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
    let at = names::source_location(krate);
    let (kind, argument) = match message {
        AddonMessage::Typed(path) => (
            names::written(quote!(<#path as #krate::wire::Message>::KIND), path.span()),
            names::written(
                quote!(<#path as #krate::wire::Message>::decode(message).map_err(#krate::actor::HandlerError::new)?),
                path.span(),
            ),
        ),
        AddonMessage::Kind(kind) => (quote!(#kind), quote!(::core::clone::Clone::clone(message))),
    };
    let context = context.then(|| quote!(, context));
    let own = names::written(quote!(<#actor as #krate::actor::Actor>), actor.span());
    let spec = quote!(<#own::Sockets as #krate::actor::Sockets>::SPEC);
    let rule = |at: Span, rule: TokenStream| {
        names::located(quote! { const _: () = #krate::__private::#rule; }, at)
    };
    let takes = rule(actor.span(), quote!(takes_addons(#own::ADDONS, #name)));
    let hears = rule(on.span(), quote!(addon_socket_receives(#spec, #socket)));
    let free = rule(
        message.span(),
        quote!(addon_kind_is_free(#spec, #socket, KIND)),
    );
    quote! {
        const _: () = {
            const KIND: &str = #kind;
            #takes
            #hears
            #free
            #krate::__private::inventory::submit! {
                #krate::actor::Addon::new(
                    ::core::any::TypeId::of::<#actor>,
                    #name,
                    #socket,
                    KIND,
                    #plain,
                    #at,
                    |actor, message, context| match actor.downcast_mut::<#actor>() {
                        ::core::option::Option::Some(actor) => {
                            #krate::actor::IntoOutcome::into_outcome(#function(actor, #argument #context))
                        }
                        ::core::option::Option::None => #krate::actor::drop_unhandled(message, context),
                    },
                )
            }
        };
    }
}

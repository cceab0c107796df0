//! Prints the record of an add-on handler; cannot fail.

use proc_macro2::{Ident, Span, TokenStream};
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
    // With the hygiene of the expansion: the function may be called like one of them.
    let local = |name| Ident::new(name, Span::mixed_site());
    let (target, raw, around) = (local("__actor"), local("__message"), local("__context"));
    let (kind, argument) = match message {
        AddonMessage::Typed(path) => {
            let item = |item| names::written(item, path.span());
            let decode = item(quote!(<#path as #krate::wire::Message>::decode));
            (
                item(quote!(<#path as #krate::wire::Message>::KIND)),
                quote!(#decode(#raw).map_err(#krate::actor::HandlerError::new)?),
            )
        }
        AddonMessage::Kind(kind) => (quote!(#kind), quote!(::core::clone::Clone::clone(#raw))),
    };
    let context = context.then(|| quote!(, #around));
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
                    |#target, #raw, #around| match #target.downcast_mut::<#actor>() {
                        ::core::option::Option::Some(#target) => {
                            #krate::actor::IntoOutcome::into_outcome(
                                #function(#target, #argument #context)
                            )
                        }
                        ::core::option::Option::None =>
                            #krate::actor::drop_unhandled(#raw, #around),
                    },
                )
            }
        };
    }
}

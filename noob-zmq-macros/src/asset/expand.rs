//! Prints the registration of an asset type; cannot fail.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::ir::Asset;
use crate::names::plain;
use crate::node::expand::{bare, described, done, here, list, value};
use crate::node::read::reads;

/// Returns the registration.
///
/// ```ignore
/// const _: () = {
///     use ::noob_zmq::node as __noob;
///     static NOOB_ZMQ_ASSET: __noob::AssetType = __noob::AssetType::new(..);
///     inventory::submit! { &NOOB_ZMQ_ASSET }
/// };
/// ```
pub(super) fn asset(asset: &Asset) -> TokenStream {
    let Asset { cfgs, ty, make, .. } = asset;
    let ident = plain(&asset.ident);
    // Spanned like the user's own tokens, so that the location is that of the item and not that of
    // the attribute.
    let place = quote_spanned!(asset.ident.span()=> ::core::panic::Location::caller());
    let params = list("params", make);
    let described = described(asset.name.as_ref(), &asset.doc);
    let read = reads(make, "__params");
    let name = &make.ident;
    let callee = if asset.method {
        quote_spanned!(here()=> <#ty>::#name)
    } else {
        quote!(#name)
    };
    let making = value(&make.output, bare(make, &callee, None));
    let close = match &asset.close {
        None => quote_spanned!(here()=> |_| ::core::result::Result::Ok(())),
        Some(method) => {
            let name = &method.ident;
            let done = done(method, &quote_spanned!(here()=> <#ty>::#name), "__object");
            quote_spanned! {here()=>
                |__object| __noob::AssetType::closed::<#ty>(__object, |__object| { #done })
            }
        }
    };
    // Located at the type, which has to change if the object cannot be sent to other processes.
    let at = here().located_at(ty.span());
    let form = if asset.local {
        quote_spanned!(at=> ::noob_zmq::graph::ObjectCodec::local())
    } else {
        quote_spanned!(at=> <#ty as ::noob_zmq::graph::Transferable>::CODEC)
    };
    quote_spanned! {here()=>
        #(#cfgs)*
        const _: () = {
            use ::noob_zmq::node as __noob;
            static NOOB_ZMQ_ASSET: __noob::AssetType = __noob::AssetType::new(
                __noob::NodeType::of_asset(#ident, ::core::module_path!(), #place)
                    #params #described,
                |__params| {
                    #read
                    let __object: #ty = #making;
                    ::core::result::Result::Ok(__noob::AssetType::made(__object))
                },
                #close,
                &#form,
            );
            ::noob_zmq::__private::inventory::submit! { &NOOB_ZMQ_ASSET }
        };
    }
}

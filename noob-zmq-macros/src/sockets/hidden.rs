//! The hidden macro of a spec, from which later stages read the spec.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Visibility;

use super::ir::{Field, Messages, Spec};
use super::known::{Arrival, Known, Member};
use crate::names;

/// Returns the parts of a spec that the hidden macro passes on.
pub(super) fn known(spec: &Spec, broken: bool) -> Known {
    let members = spec
        .fields
        .iter()
        .map(|field| match field {
            Field::Nested(nested) => Member::Nested {
                name: nested.name.clone(),
                spec: nested.spec.clone(),
            },
            Field::Socket(socket) => Member::Socket {
                name: socket.name.clone(),
                ty: Box::new(socket.ty.clone()),
                receives: arrivals(&socket.receives),
            },
        })
        .collect();
    Known {
        name: spec.name.clone(),
        broken,
        members,
    }
}

fn arrivals(messages: &Messages) -> Vec<Arrival> {
    messages
        .list
        .iter()
        .filter_map(|message| {
            let payload = message.payload.segments.last()?.ident.clone();
            Some(Arrival {
                name: message.name.clone(),
                payload,
            })
        })
        .collect()
}

/// Returns a `macro_rules!` under the name of the struct, in the namespace of macros.
///
/// The macro passes the spec to the stage that calls it.
pub(super) fn hidden_macro(known: &Known, vis: &Visibility, unique: &str) -> TokenStream {
    let name = &known.name;
    let hidden = names::hidden_macro(name, unique);
    let export = matches!(vis, Visibility::Public(_)).then(|| quote!(#[macro_export]));
    quote! {
        #[doc(hidden)]
        #export
        macro_rules! #hidden {
            ([$($noob:tt)*] $stage:ident $($asked:tt)*) => {
                $($noob)*::__private::$stage! { #known $($asked)* }
            };
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        #vis use #hidden as #name;
    }
}

//! Read, then print; the function itself stays as it is.

use proc_macro2::TokenStream;
use quote::quote;

use super::{expand, parse};
use crate::errors::Errors;

/// `#[addon(arguments)]` on `item`.
pub(crate) fn annotate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let addon = parse::addon(arguments.clone(), item.clone(), &mut errors);
    let tokens = match &addon {
        Some(addon) => expand::addon(addon),
        // So that nothing but the mistake is reported: the import of the actor is used.
        None => parse::actor(arguments)
            .map(|actor| quote!(const _: fn(&#actor) = |_| ();))
            .unwrap_or_default(),
    };
    let errors = errors.into_tokens();
    quote! { #item #tokens #errors }
}

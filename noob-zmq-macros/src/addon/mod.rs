//! `#[addon(..)]`: makes a function handle, for an actor of another crate, a kind that its spec
//! does not name.
//!
//! The attribute and the function are read, then the record is printed; the function stays as it
//! is.

mod expand;
mod ir;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

/// Expands `#[addon(arguments)]` on `item`.
pub(crate) fn annotate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let addon = parse::addon(arguments.clone(), item.clone(), &mut errors);
    let tokens = match &addon {
        Some(addon) => expand::addon(addon),
        // Uses the import of the actor, so that the compiler reports nothing but the mistake.
        None => parse::actor(arguments)
            .map(|actor| quote!(const _: fn(&#actor) = |_| ();))
            .unwrap_or_default(),
    };
    let errors = errors.into_tokens();
    quote! { #item #tokens #errors }
}

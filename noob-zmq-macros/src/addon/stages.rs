//! Read, then print; the function itself stays as it is.

use proc_macro2::TokenStream;
use quote::quote;

use super::{expand, parse};
use crate::errors::Errors;

/// `#[addon(arguments)]` on `item`.
pub(crate) fn annotate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let addon = parse::addon(arguments, item.clone(), &mut errors);
    let tokens = addon.as_ref().map(expand::addon);
    let errors = errors.into_tokens();
    quote! { #item #tokens #errors }
}

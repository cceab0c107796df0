//! `#[derive(Signals)]`: the several signals of a node, as the fields of a struct.

mod expand;
mod ir;
mod parse;

use proc_macro2::TokenStream;

use crate::errors::Errors;

/// The struct as something that a node may return; or every mistake.
pub(crate) fn signals(item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let signals = errors
        .attempt(syn::parse2(item))
        .and_then(|item| parse::signals(&item, &mut errors));
    match signals {
        Some(signals) if errors.is_empty() => expand::signals(&signals),
        _ => errors.into_tokens(),
    }
}

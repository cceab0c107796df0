//! `#[derive(Signals)]`: makes the fields of a struct the signals of a node.

mod expand;
mod ir;
mod parse;

use proc_macro2::TokenStream;

use crate::errors::Errors;

/// Returns the impl for the struct, or every mistake.
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

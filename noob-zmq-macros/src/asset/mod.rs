//! `#[asset]`: on functions and `impl` blocks that make an object for the nodes of a tube.

mod expand;
mod ir;
mod lower;

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::errors::Errors;
use crate::node::AnnotatedItem;

/// The item as it was written, and beside it its registration; or beside it every mistake.
pub(crate) fn asset(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let options = lower::AssetOptions::read(options, &mut errors);
    let Some(mut item) = errors.attempt(syn::parse2::<AnnotatedItem>(item.clone())) else {
        return [item, errors.into_tokens()].into_iter().collect();
    };
    let asset = lower::asset(options, &mut item, &mut errors);
    let mut tokens = item.to_token_stream();
    match asset {
        Some(asset) if errors.is_empty() => tokens.extend(expand::asset(&asset)),
        _ => tokens.extend(errors.into_tokens()),
    }
    tokens
}

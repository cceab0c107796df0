//! `#[node]`: on functions, sources and `impl` blocks.

mod argument;
pub(crate) mod check;
pub(crate) mod expand;
mod ir;
pub(crate) mod lower;
mod parse;
pub(crate) mod types;

pub(crate) use ir::Callable;
pub(crate) use parse::{AnnotatedItem, Function, ImplBlock, ImplMember};

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::errors::Errors;

/// The item as it was written, and beside it its registration; or beside it every mistake.
pub(crate) fn node(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let options = parse::NodeOptions::read(options, &mut errors);
    let Some(mut item) = errors.attempt(syn::parse2::<AnnotatedItem>(item.clone())) else {
        return [item, errors.into_tokens()].into_iter().collect();
    };
    let node = lower::node(options, &mut item, &mut errors);
    let mut tokens = item.to_token_stream();
    match node {
        Some(node) if errors.is_empty() => tokens.extend(expand::node(&node)),
        _ => tokens.extend(errors.into_tokens()),
    }
    tokens
}

//! `#[node]`: makes node types of functions, sources and `impl` blocks.
//!
//! `parse` knows the syntax, `lower` and `argument` take our attributes off the item and reduce it
//! to the description in `ir`, `check` only finds mistakes, and `expand` and
//! `read` cannot fail. `#[asset]`
//! shares them.

mod argument;
mod block;
mod cfg_variants;
pub(crate) mod check;
pub(crate) mod expand;
mod ir;
pub(crate) mod lower;
mod parse;
pub(crate) mod read;
pub(crate) mod types;

pub(crate) use block::{BlockRules, returned};
pub(crate) use ir::Callable;
pub(crate) use parse::{AnnotatedItem, Function, ImplBlock, ImplMember};

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::errors::Errors;
use crate::names;

/// Expands `#[node(options)]` on `item`: returns the item, with its registration or with every
/// mistake.
pub(crate) fn node(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let read = parse::NodeOptions::read(options.clone(), &mut errors);
    let krate = read.krate.clone();
    let lower = |item: &mut _, errors: &mut _| lower::node(read, item, errors);
    annotated("node", &options, krate, item, errors, lower, expand::node)
}

/// Returns an item without our attributes, and beside it its expansion or every mistake.
///
/// `attribute` is the name of the macro, `options` are what it was given, and `krate` is the path
/// of the library, if that is given.
pub(crate) fn annotated<T>(
    attribute: &str,
    options: &TokenStream,
    krate: Option<syn::Path>,
    item: TokenStream,
    mut errors: Errors,
    lower: impl FnOnce(&mut AnnotatedItem, &mut Errors) -> Option<T>,
    expand: impl FnOnce(&T) -> TokenStream,
) -> TokenStream {
    let attribute = cfg_variants::attribute(attribute, krate.as_ref(), options);
    if let Some(variants) = cfg_variants::cfg_variants(&attribute, &item, &mut errors) {
        return [variants, errors.into_tokens()].into_iter().collect();
    }
    let Some(mut parsed) = errors.attempt(syn::parse2::<AnnotatedItem>(item.clone())) else {
        return [item, errors.into_tokens()].into_iter().collect();
    };
    let lowered = lower(&mut parsed, &mut errors);
    let mut tokens = parsed.to_token_stream();
    match lowered {
        Some(lowered) if errors.is_empty() => {
            tokens.extend(names::rebased(expand(&lowered), krate.as_ref()));
        }
        _ => tokens.extend(errors.into_tokens()),
    }
    tokens
}

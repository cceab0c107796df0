//! The two stages of `#[handlers]`, in their order.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};

use super::check::{handled_messages, sites};
use super::ir::HandlersBlock;
use super::{block, expand, parse};
use crate::errors::Errors;
use crate::sockets::Known;

/// Runs the first stage: `#[handlers(arguments)]` on `item`.
pub(crate) fn annotate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let kept = block::strip(item.clone());
    let asked = parse::block(arguments, item, &mut errors).map(|block| {
        let (krate, spec) = (&block.krate, &block.spec);
        quote! { #spec! { [#krate] expand_handlers #block } }
    });
    let errors = errors.into_tokens();
    quote! { #kept #errors #asked }
}

/// Runs the second stage on the spec, from its hidden macro, and the block.
pub(crate) fn dispatch(input: TokenStream) -> TokenStream {
    let DispatchInput { spec, block } = match syn::parse2(input) {
        Ok(both) => both,
        Err(error) => return error.into_compile_error(),
    };
    if spec.broken {
        return expand::dummy(&block);
    }
    let mut errors = Errors::new();
    let sites = sites(&spec);
    let handled_messages = handled_messages(&spec, &sites, &block, &mut errors);
    let tokens = if errors.is_empty() && !block.broken {
        expand::actor(&spec, &sites, &block, &handled_messages)
    } else {
        expand::dummy(&block)
    };
    let names = expand::name_checks(&block, &handled_messages);
    let errors = errors.into_tokens();
    quote! { #tokens #names #errors }
}

/// Input of the second stage.
struct DispatchInput {
    spec: Known,
    block: HandlersBlock,
}

impl Parse for DispatchInput {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            spec: input.parse()?,
            block: input.parse()?,
        })
    }
}

//! The two stages of `#[handlers]`, in their order.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser as _};
use syn::{Path, braced, parenthesized};

use super::check::{handled_messages, sites};
use super::ir::HandlersBlock;
use super::{expand, parse};
use crate::errors::Errors;
use crate::node::ImplBlock;
use crate::sockets::Known;

/// Runs the first stage: `#[handlers(arguments)]` on `item`.
pub(crate) fn annotate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let Some(mut kept) = errors.attempt(syn::parse2::<ImplBlock>(item.clone())) else {
        return [item, errors.into_tokens()].into_iter().collect();
    };
    let block = parse::block(arguments.clone(), &kept, &mut errors);
    let asked = block.map(|HandlersBlock { krate, spec, .. }| {
        quote! { #spec! { [#krate] expand_handlers #krate (#arguments) { #item } } }
    });
    parse::strip(&mut kept);
    let errors = errors.into_tokens();
    quote! { #kept #errors #asked }
}

/// Runs the second stage on the spec, from its hidden macro, and the block, which is read again.
pub(crate) fn dispatch(input: TokenStream) -> TokenStream {
    let parse = |input: ParseStream<'_>| {
        let spec: Known = input.parse()?;
        let krate = input.call(Path::parse_mod_style)?;
        let (arguments, item);
        parenthesized!(arguments in input);
        braced!(item in input);
        Ok((spec, krate, arguments.parse()?, item.parse()?))
    };
    let (spec, krate, arguments, item) = match parse.parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    // The first stage has reported the mistakes of the block itself.
    let mut reported = Errors::new();
    let block = parse::block(arguments, &item, &mut reported);
    drop(reported.into_tokens());
    let Some(mut block) = block else {
        return TokenStream::new();
    };
    // Errors of the compiler point at the attribute, which is the place of the path there.
    block.krate = krate;
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

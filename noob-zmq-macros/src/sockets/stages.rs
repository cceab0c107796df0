//! The stages of `#[derive(Sockets)]`.
//!
//! The first stage sees the struct alone; if the struct contains other specs, their hidden macros
//! call the second stage with those specs.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{DeriveInput, LitStr, Token, braced, bracketed};

use super::check::check;
use super::known::Known;
use super::{expand, parse};
use crate::errors::Errors;

/// Expands the first stage; `unique` distinguishes the hidden macro from others of the same name.
pub(crate) fn derive(input: TokenStream, unique: &str) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => expand_or_continue(&input, Vec::new(), unique),
        Err(error) => error.into_compile_error(),
    }
}

/// Expands the second stage, whose input is a contained spec, the specs before it, and the struct.
pub(crate) fn define(input: TokenStream) -> TokenStream {
    let parse = |input: ParseStream<'_>| {
        let last: Known = input.parse()?;
        let (known, item);
        bracketed!(known in input);
        let known = Punctuated::<Known, Token![,]>::parse_terminated(&known)?;
        let unique: LitStr = input.parse()?;
        braced!(item in input);
        let known = known.into_iter().chain([last]).collect();
        Ok((known, unique.value(), item.parse()?))
    };
    match parse.parse2(input) {
        Ok((known, unique, input)) => expand_or_continue(&input, known, &unique),
        Err(error) => error.into_compile_error(),
    }
}

/// Calls the hidden macro of the next contained spec, or expands if all specs are known.
fn expand_or_continue(input: &DeriveInput, known: Vec<Known>, unique: &str) -> TokenStream {
    if let Some(next) = parse::nested(input).get(known.len()) {
        let mut ignored = Errors::new();
        let krate = parse::options(input, &mut ignored).krate;
        drop(ignored.into_tokens());
        return quote! { #next! { [#krate] define_sockets [#(#known),*] #unique { #input } } };
    }
    let mut errors = Errors::new();
    let Some(mut spec) = parse::spec(input, known, &mut errors) else {
        let hidden = expand::broken(input, unique);
        let errors = errors.into_tokens();
        return quote! { #hidden #errors };
    };
    check(&mut spec, &mut errors);
    let mut tokens = expand::spec(&spec, unique, !errors.is_empty());
    tokens.extend(errors.into_tokens());
    tokens
}

/// Returns the spec as its hidden macro passes it on, for the tests of this crate.
#[cfg(test)]
pub(crate) fn passed_on(input: TokenStream, inner: Vec<TokenStream>) -> TokenStream {
    use quote::ToTokens as _;
    let inner = inner
        .into_iter()
        .map(|known| syn::parse2(known).unwrap())
        .collect();
    let mut errors = Errors::new();
    let spec = parse::spec(&syn::parse2(input).unwrap(), inner, &mut errors).unwrap();
    assert!(errors.is_empty());
    super::hidden::known(&spec, false).into_token_stream()
}

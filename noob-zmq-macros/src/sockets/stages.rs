//! The order of things: the first stage sees the struct alone; if it contains other specs, their hidden macros call the second with what they know.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{DeriveInput, LitStr, Token, braced, bracketed};

use super::check::check;
use super::known::Known;
use super::{expand, parse};
use crate::errors::Errors;

/// The first stage of `#[derive(Sockets)]`. `unique` tells its hidden macro from others of the same name.
pub(crate) fn derive(input: TokenStream, unique: &str) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => ask_or_finish(&input, Vec::new(), unique),
        Err(error) => error.into_compile_error(),
    }
}

/// The second stage: what a contained spec said of itself, what those before it said, and the struct.
pub(crate) fn define(input: TokenStream) -> TokenStream {
    match syn::parse2::<Asked>(input) {
        Ok(asked) => ask_or_finish(&asked.input, asked.known, &asked.unique.value()),
        Err(error) => error.into_compile_error(),
    }
}

/// Asks the next contained spec for what it is, or expands when all have answered.
fn ask_or_finish(input: &DeriveInput, known: Vec<Known>, unique: &str) -> TokenStream {
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

/// What the hidden macro of a spec tells, for the tests of this crate.
#[cfg(test)]
pub(crate) fn told(input: TokenStream, inner: Vec<TokenStream>) -> TokenStream {
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

struct Asked {
    known: Vec<Known>,
    unique: LitStr,
    input: DeriveInput,
}

impl Parse for Asked {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let answer: Known = input.parse()?;
        let known;
        bracketed!(known in input);
        let mut known: Vec<Known> = Punctuated::<Known, Token![,]>::parse_terminated(&known)?
            .into_iter()
            .collect();
        known.push(answer);
        let unique = input.parse()?;
        let item;
        braced!(item in input);
        Ok(Self {
            known,
            unique,
            input: item.parse()?,
        })
    }
}

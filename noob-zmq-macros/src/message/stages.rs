//! Entry point of `#[derive(Message)]`: reads the type, then prints the impl.

use proc_macro2::TokenStream;

use super::{expand, parse};
use crate::errors::Errors;

/// Expands `#[derive(Message)]`.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::new();
    let message = parse::message(&input, &mut errors);
    let mut tokens = message.as_ref().map(expand::message).unwrap_or_default();
    tokens.extend(errors.into_tokens());
    tokens
}

//! Collector of compile errors, and phrases that they share.

use noob_zmq_spec::suggest::nearest;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Collector of the compile errors of one expansion.
///
/// All of them are reported together, each under its own tokens. Dropping a collector whose errors
/// were not taken is a fault of the macro itself, and panics, so that no error can be forgotten.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    taken: bool,
}

impl Errors {
    /// Creates an empty collector.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Reports `message` under `tokens`.
    pub(crate) fn push(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.found.push(syn::Error::new_spanned(tokens, message));
    }

    /// Reports `message` under `tokens`, for a part that has no result because of it.
    pub(crate) fn reject<T>(
        &mut self,
        tokens: impl ToTokens,
        message: impl std::fmt::Display,
    ) -> Option<T> {
        self.push(tokens, message);
        None
    }

    /// Reports `message` at `span`.
    pub(crate) fn push_at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.found.push(syn::Error::new(span, message));
    }

    /// Adds an error of a parser.
    pub(crate) fn add(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// Returns the value, or collects its error.
    pub(crate) fn attempt<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// Returns whether there is no error so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns the errors as `compile_error!` items, in the order in which they were found.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        self.taken = true;
        std::mem::take(&mut self.found)
            .into_iter()
            .map(syn::Error::into_compile_error)
            .collect()
    }

    /// Returns the texts alone, for the tests of this crate.
    #[cfg(test)]
    pub(crate) fn into_texts(mut self) -> Vec<String> {
        self.taken = true;
        self.found.iter().map(ToString::to_string).collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        assert!(
            self.taken || self.found.is_empty() || std::thread::panicking(),
            "a macro dropped its errors unseen"
        );
    }
}

/// Joins names to a phrase: `` `a`, `b` and `c` ``.
pub(crate) fn list<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    let mut quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.pop() {
        None => String::new(),
        Some(last) if quoted.is_empty() => last,
        Some(last) => format!("{} and {last}", quoted.join(", ")),
    }
}

/// Ends a message about an unknown name: "; did you mean `near`?", or nothing.
pub(crate) fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest(wanted, known);
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_joins_names_with_commas_and_an_and() {
        assert_eq!(list::<&str>([]), "");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
    }

    #[test]
    #[should_panic(expected = "unseen")]
    fn dropping_errors_unseen_panics() {
        Errors::new().push_at(Span::call_site(), "lost");
    }
}

//! Handlers that a configuration leaves out.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Meta;

use super::check::{Answer, Place, delegated};
use super::ir::{Block, Handler};
use crate::sockets::Arrival;

/// A message of which every handler depends on the configuration, so that there may be none.
pub(super) struct Absent<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) arrival: &'a Arrival,
    handler: &'a Handler,
    /// The predicate of `#[cfg(..)]` under which there is none.
    pub(super) when: TokenStream,
}

pub(super) fn absent<'a>(
    places: &'a [Place<'a>],
    block: &Block,
    answers: &[Answer<'a>],
) -> Vec<Absent<'a>> {
    let mut absent: Vec<Absent<'a>> = Vec::new();
    for answer in answers {
        let place = &places[answer.place];
        let same: Vec<_> = answers
            .iter()
            .filter(|other| {
                other.place == answer.place && other.arrival.name == answer.arrival.name
            })
            .collect();
        let known = absent
            .iter()
            .any(|known| std::ptr::eq(known.arrival, answer.arrival));
        if known
            || delegated(place, &block.delegate)
            || same.iter().any(|other| other.handler.cfgs.is_empty())
        {
            continue;
        }
        let present = same.iter().map(|other| {
            let predicates = other.handler.cfgs.iter().filter_map(|cfg| match &cfg.meta {
                Meta::List(list) => Some(&list.tokens),
                _ => None,
            });
            quote!(all(#(#predicates),*))
        });
        absent.push(Absent {
            place,
            arrival: answer.arrival,
            handler: answer.handler,
            when: quote!(not(any(#(#present),*))),
        });
    }
    absent
}

impl Absent<'_> {
    pub(super) fn error(&self) -> TokenStream {
        let (message, socket, method) = (&self.arrival.name, self.place.name, &self.handler.method);
        let text = format!(
            "`{message}` arrives on `{socket}`, but `{method}` is left out of this build by its `#[cfg(..)]`; add a handler for builds without it"
        );
        let error = syn::Error::new_spanned(&self.handler.message, text).into_compile_error();
        let when = &self.when;
        quote! { #[cfg(#when)] #error }
    }
}

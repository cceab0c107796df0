//! Messages whose handlers a configuration leaves out of the build.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Meta;

use super::check::{HandledMessage, SocketSite, delegated};
use super::ir::{Handler, HandlersBlock};
use crate::sockets::Arrival;

/// Message whose every handler depends on the configuration, so that there may be none.
pub(super) struct CfgGap<'a> {
    pub(super) site: &'a SocketSite<'a>,
    pub(super) arrival: &'a Arrival,
    handler: &'a Handler,
    /// Predicate of `#[cfg(..)]` under which there is no handler.
    pub(super) when: TokenStream,
}

/// Returns the messages that have handlers, and perhaps none in this build.
pub(super) fn cfg_gaps<'a>(
    sites: &'a [SocketSite<'a>],
    block: &HandlersBlock,
    handled_messages: &[HandledMessage<'a>],
) -> Vec<CfgGap<'a>> {
    let mut gaps: Vec<CfgGap<'a>> = Vec::new();
    for handled in handled_messages {
        let site = &sites[handled.site];
        let same: Vec<_> = handled_messages
            .iter()
            .filter(|other| {
                other.site == handled.site && other.arrival.name == handled.arrival.name
            })
            .collect();
        let known = gaps
            .iter()
            .any(|known| std::ptr::eq(known.arrival, handled.arrival));
        if known
            || delegated(site, &block.delegate)
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
        gaps.push(CfgGap {
            site,
            arrival: handled.arrival,
            handler: handled.handler,
            when: quote!(not(any(#(#present),*))),
        });
    }
    gaps
}

impl CfgGap<'_> {
    /// Returns the compile error for a build without a handler.
    pub(super) fn error(&self) -> TokenStream {
        let (message, socket, method) = (
            &self.arrival.name,
            self.site.name,
            &self.handler.signature.method,
        );
        let text = format!(
            "`{message}` arrives on `{socket}`, but `{method}` is left out of this build by its \
             `#[cfg(..)]`; add a handler for builds without it"
        );
        let error = syn::Error::new_spanned(&self.handler.message, text).into_compile_error();
        let when = &self.when;
        quote! { #[cfg(#when)] #error }
    }
}

//! Expands `#[derive(Sockets)]` and `#[handlers(..)]` through both of their stages.
//!
//! Between the stages, the compiler expands the hidden macro of a spec; here, [`KnownSpecs`] stands
//! in for it.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Item, Meta};

use super::{assert_snapshot, read, take};

/// Summaries that the hidden macros of specs would pass on, by the names of the specs.
#[derive(Default)]
pub(super) struct KnownSpecs(HashMap<String, TokenStream>);

impl KnownSpecs {
    /// Records the specs that a file declares, and discards their expansions.
    pub(super) fn add_specs_of(&mut self, file: &str) {
        for item in syn::parse_file(&read(file)).unwrap().items {
            self.expand(item);
        }
    }

    /// Returns what the macro on `item` makes of it.
    pub(super) fn expand(&mut self, mut item: Item) -> TokenStream {
        if let Item::Struct(spec) = &mut item
            && let Some(derive) = take(&mut spec.attrs, derives_sockets)
        {
            drop(derive);
            let inner = spec
                .fields
                .iter()
                .filter_map(|field| self.0.get(&field.ty.to_token_stream().to_string()));
            let known = crate::sockets::passed_on(spec.to_token_stream(), inner.cloned().collect());
            self.0.insert(spec.ident.to_string(), known);
            let expanded =
                self.run_hidden_macros(crate::sockets::derive(spec.to_token_stream(), "1_1"));
            let clean = without_helpers(spec.clone());
            return quote!(#clean #expanded);
        }
        if let Item::Impl(block) = &mut item
            && let Some(attr) = take(&mut block.attrs, |attr| attr.path().is_ident("handlers"))
        {
            let Meta::List(arguments) = attr.meta else {
                return TokenStream::new();
            };
            return self.run_hidden_macros(crate::handlers::annotate(
                arguments.tokens,
                block.to_token_stream(),
            ));
        }
        item.into_token_stream()
    }

    /// Replaces each `Spec! { [noob_zmq] stage .. }` by what the second stage makes of it.
    fn run_hidden_macros(&self, tokens: TokenStream) -> TokenStream {
        let items = syn::parse2::<syn::File>(tokens).unwrap().items;
        let mut out = TokenStream::new();
        for item in items {
            let summary = match &item {
                Item::Macro(call) if call.ident.is_none() => call
                    .mac
                    .path
                    .segments
                    .last()
                    .and_then(|last| self.0.get(&last.ident.to_string())),
                _ => None,
            };
            let (Some(summary), Item::Macro(call)) = (summary, &item) else {
                out.extend(item.into_token_stream());
                continue;
            };
            let mut asked = call.mac.tokens.clone().into_iter().skip(1);
            let Some(TokenTree::Ident(stage)) = asked.next() else {
                continue;
            };
            let asked: TokenStream = asked.collect();
            let both = quote!(#summary #asked);
            out.extend(self.run_hidden_macros(if stage == "define_sockets" {
                crate::sockets::define(both)
            } else {
                crate::handlers::dispatch(both)
            }));
        }
        out
    }

    /// Expands every item of a file except its `use` items.
    pub(super) fn file(&mut self, file: &str) -> TokenStream {
        let items = syn::parse_file(&read(file)).unwrap().items;
        let items = items.into_iter();
        let items = items.filter(|item| !matches!(item, Item::Use(_)));
        items.map(|item| self.expand(item)).collect()
    }

    /// Compares the expansion of `expansions/{name}.rs` with `expansions/{name}.expanded.rs`.
    pub(super) fn assert_expansion(&mut self, name: &str) {
        let expanded = self.file(&format!("expansions/{name}.rs"));
        assert_snapshot(name, expanded);
    }
}

fn derives_sockets(attr: &Attribute) -> bool {
    attr.path().is_ident("derive") && attr.to_token_stream().to_string().contains("Sockets")
}

/// Returns the struct without the attributes that only the derive reads, as the compiler keeps it.
fn without_helpers(mut spec: syn::ItemStruct) -> syn::ItemStruct {
    let ours = |attr: &Attribute| !attr.path().is_ident("doc");
    spec.attrs.retain(|attr| !ours(attr));
    for field in &mut spec.fields {
        field.attrs.retain(|attr| !ours(attr));
    }
    spec
}

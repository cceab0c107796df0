//! Prints a typed tube. Cannot fail.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::args::Args;
use super::file::Files;
use super::mistakes::At;
use super::nodes::{Nodes, Place};
use super::spec::Spec;
use super::types::Typing;
use super::{api, checks};
use crate::names;

/// `Sums`: the name that was given, or that of the tube.
pub(super) fn name(args: &Args, spec: &Spec) -> String {
    if let Some(name) = &args.name {
        return names::plain(name);
    }
    let letters = spec
        .id
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' });
    let camel = names::camel(&letters.collect::<String>());
    match camel.chars().next() {
        Some(first) if first.is_alphabetic() => camel,
        _ => format!("Tube{camel}"),
    }
}

/// The items; as an expression, in a block that gives the constructor.
pub(super) fn tube(args: &Args, files: &Files, spec: &Spec, nodes: &Nodes) -> TokenStream {
    let here = Span::mixed_site().located_at(args.path.span());
    let typing = Typing {
        spec,
        nodes,
        files,
        prefix: name(args, spec),
        here,
    };
    let lines = lines(&typing, files);
    let found = nodes
        .list
        .iter()
        .map(|of| checks::found(&typing, of, &args.vis));
    let checks = spec
        .nodes
        .iter()
        .filter_map(|node| checks::node(&typing, node));
    let assets = checks::assets(&typing);
    let name = args
        .name
        .clone()
        .unwrap_or_else(|| Ident::new(&typing.prefix, here));
    let aliases = typing.aliases();
    let items = api::items(&typing, &name, &args.vis);
    let items = quote_spanned!(here=> #lines #(#found)* #aliases #(#checks)* #assets #items);
    if args.name.is_some() {
        items
    } else {
        quote_spanned!(here=> { #items #name })
    }
}

/// A module for each line of the file that names a node type in a module of Rust: the compiler names it when there is no such module.
fn lines(typing: &Typing<'_>, files: &Files) -> TokenStream {
    let here = typing.here;
    let mut tokens = TokenStream::new();
    let mut seen: Vec<At> = Vec::new();
    for of in &typing.nodes.list {
        let Place::Name { root, modules } = &of.place else {
            continue;
        };
        if modules.is_empty()
            || seen
                .iter()
                .any(|at| (at.file, at.line) == (of.at.file, of.at.line))
        {
            continue;
        }
        seen.push(of.at);
        let line = files.line(of.at, here);
        tokens.extend(quote_spanned! {here=>
            mod #line {
                #[allow(unused_imports)]
                pub(crate) use #root::*;
            }
        });
    }
    tokens
}

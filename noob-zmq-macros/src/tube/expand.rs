//! Expansion of a typed tube, which cannot fail.

use noob_zmq_spec::{Place, TubeSpec};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::args::TubeArgs;
use super::files::Files;
use super::nodes::{Nodes, RustPath};
use super::types::Typing;
use super::{api, checks};
use crate::names;

/// Returns the name of the type: the one that was given, or that of the tube in camel case.
pub(super) fn name(args: &TubeArgs, spec: &TubeSpec) -> String {
    if let Some(name) = &args.name {
        return names::plain(name);
    }
    let letters = spec
        .id
        .value
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' });
    let camel = names::camel(&letters.collect::<String>());
    match camel.chars().next() {
        Some(first) if first.is_alphabetic() => camel,
        _ => format!("Tube{camel}"),
    }
}

/// Returns the items; for an expression, in a block that gives the constructor.
pub(super) fn tube(args: &TubeArgs, files: Files, spec: &TubeSpec, nodes: &Nodes) -> TokenStream {
    let (own, others) = files.into_parts();
    let here = Span::mixed_site().located_at(args.path.span());
    let typing = Typing {
        spec,
        nodes,
        own: &own,
        others: &others,
        prefix: name(args, spec),
        here,
    };
    let lines = lines(&typing);
    let found = nodes
        .list
        .iter()
        .map(|of| checks::found(&typing, of, &args.vis));
    let checks = spec
        .nodes
        .values()
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

/// Returns a module for each line of the file that names a node type in a module of Rust.
///
/// The compiler names this module when the module of the node does not exist.
fn lines(typing: &Typing<'_>) -> TokenStream {
    let here = typing.here;
    let mut tokens = TokenStream::new();
    let mut seen: Vec<Place> = Vec::new();
    for of in &typing.nodes.list {
        let RustPath::Name { root, modules } = &of.path else {
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
        let line = typing.line(of.at);
        tokens.extend(quote_spanned! {here=>
            mod #line {
                #[allow(unused_imports)]
                pub(crate) use #root::*;
            }
        });
    }
    tokens
}

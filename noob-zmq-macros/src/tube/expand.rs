//! Expansion of a typed tube, which cannot fail.

use noob_zmq_spec::TubeSpec;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::args::TubeArgs;
use super::files::Files;
use super::nodes::Nodes;
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

/// Returns the beginning of the names in the expansion of a tube: after `__`, and before `_`.
///
/// Underscores are doubled, so that names of two tubes in one module differ: of `A` and of `A_b`.
pub(super) fn prefix(name: &str) -> String {
    name.replace('_', "__")
}

/// Returns the items; for an expression, in a block that gives the constructor.
pub(super) fn tube(args: &TubeArgs, files: Files, spec: &TubeSpec, nodes: &Nodes) -> TokenStream {
    let (own, others) = files.into_parts();
    let here = Span::mixed_site().located_at(args.path.span());
    let own_name = name(args, spec);
    let typing = Typing {
        spec,
        nodes,
        own: &own,
        others: &others,
        prefix: prefix(&own_name),
        here,
    };
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
        .unwrap_or_else(|| Ident::new(&own_name, here));
    let aliases = typing.aliases();
    let items = api::items(&typing, &name, &args.vis);
    let items = quote_spanned!(here=> #(#found)* #aliases #(#checks)* #assets #items);
    if args.name.is_some() {
        items
    } else {
        quote_spanned!(here=> { #items #name })
    }
}

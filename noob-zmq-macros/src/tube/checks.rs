//! Checks that need the node types, as code for the compiler.
//!
//! The expansion cannot fail.

use noob_zmq_spec::{Dependency, NodeSpec, Place};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote_spanned;

use super::nodes::{RustNode, RustPath};
use super::types::{Type, Typing};
use crate::names;

/// Resolves a node type in Rust: `impl ResolvedNode for __Sums_type0_multiply_1_1`.
///
/// A name that is imported by `*` hides one of a block around it. If there is no such node, the
/// item of the outer block is found instead, and reported with a text of this crate. If there is no
/// such module, the compiler reports that. `__noob_module` is then the import that failed, and
/// otherwise the value of the outer block; it keeps the compiler from reporting anything more.
pub(super) fn found(typing: &Typing<'_>, of: &RustNode, vis: &syn::Visibility) -> TokenStream {
    let here = typing.here;
    let marker = &of.marker;
    let mut known = names::known(&of.ident);
    known.set_span(here);
    let (mut module, mut line_module) = (None, None);
    let (import, rust) = match &of.path {
        RustPath::Name { root, modules } if modules.is_empty() => (
            (quote_spanned!(here=> #[allow(unused_imports)] use #root::*;)),
            format!("{root}").replace(' ', ""),
        ),
        RustPath::Name { root, modules } => {
            let line = typing.line(of.at);
            let path: Vec<String> = modules.iter().map(names::plain).collect();
            module = Some(quote_spanned!(here=> __noob_module));
            // The compiler names this module when the module of the node does not exist.
            line_module = Some(quote_spanned! {here=>
                mod #line {
                    #[allow(unused_imports)]
                    pub(crate) use #root::*;
                }
            });
            let modules: Vec<Ident> = modules.iter().map(|module| located(module, here)).collect();
            (
                (quote_spanned! {here=>
                    #[allow(unused_imports)] use #line::#(#modules::)* {*, self as __noob_module};
                }),
                format!("{}::{}", root.to_string().replace(' ', ""), path.join("::")),
            )
        }
        RustPath::Given(Some(module)) => (
            (quote_spanned!(here=> #[allow(unused_imports)] use #module::*;)),
            names::spelled(module),
        ),
        RustPath::Given(None) => (
            quote_spanned!(here=> #[allow(unused_imports)] use self::*;),
            "this module".to_owned(),
        ),
    };
    let at = typing.at(of.at);
    let name = &of.name;
    let last = names::plain(&of.ident);
    let absent = format!(
        "{at}: no node type is called `{name}`: nothing named `{last}` in `{rust}` is a `#[node]` \
         that can be seen from here"
    );
    let other = format!(
        "{at}: no node type is called `{name}`: the `#[node]` `{last}` in `{rust}` is called "
    );
    let fallback = module.as_ref().map(|module| {
        quote_spanned! {here=>
            #[allow(non_upper_case_globals, dead_code)] const #module: () = ();
        }
    });
    let probe = module.map(|module| quote_spanned!(here=> let _ = #module;));
    let constant = match &probe {
        Some(probe) => quote_spanned!(here=> { #probe #known }),
        None => quote_spanned!(here=> #known),
    };
    let here_text = format!("Node type `{name}` of the tube.");
    quote_spanned! {here=>
        #[doc = #here_text]
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #vis enum #marker {}
        const _: () = {
            #[allow(non_camel_case_types, dead_code)]
            type #known = ::noob_zmq::__private::NotFound;
            #[allow(non_upper_case_globals, dead_code)]
            const #known: &::noob_zmq::node::NodeType = ::noob_zmq::__private::NOT_FOUND;
            #fallback
            #line_module
            const _: () = {
                #import
                impl ::noob_zmq::typed::ResolvedNode for #marker {
                    type Node = #known;
                    const TYPE: &'static ::noob_zmq::node::NodeType = #constant;
                }
            };
        };
        const _: () = ::noob_zmq::typed::resolved::<#marker>(#name, #absent, #other);
    }
}

fn located(ident: &Ident, here: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(here);
    ident
}

/// Returns all checks of a node in a block of their own; `None` if there are none.
pub(super) fn node(typing: &Typing<'_>, node: &NodeSpec) -> Option<TokenStream> {
    let mut checks = sources(typing, &node.depends);
    if let Some(of) = typing.node_type(node) {
        checks.extend(own(typing, node, of));
    }
    block(typing, checks)
}

/// Returns checks that the signals exist on which assets depend.
pub(super) fn assets(typing: &Typing<'_>) -> Option<TokenStream> {
    let items = typing.spec.assets.values();
    let checks = sources(typing, items.filter_map(|asset| asset.depends.as_ref()));
    block(typing, checks)
}

fn block(typing: &Typing<'_>, checks: TokenStream) -> Option<TokenStream> {
    let here = typing.here;
    (!checks.is_empty()).then(|| {
        quote_spanned! {here=>
            const _: () = {
                use ::noob_zmq::typed as __noob;
                #checks
            };
        }
    })
}

/// Returns checks that the sources of dependencies exist.
fn sources<'s>(
    typing: &Typing<'_>,
    items: impl IntoIterator<Item = &'s Dependency>,
) -> TokenStream {
    let checks = items.into_iter().filter_map(|item| {
        let source = typing.spec.nodes.get(&item.node)?;
        let of = &typing.node_type(source)?.marker;
        let place = place_of(typing, source, item.place);
        let signal = &*item.signal;
        Some(quote_spanned! {typing.here=>
            const _: () = __noob::signal::<#of>(#place, #signal);
        })
    });
    checks.collect()
}

/// Returns checks that the slots and parameters of a node exist and are given values of their
/// types.
fn own(typing: &Typing<'_>, node: &NodeSpec, of: &RustNode) -> TokenStream {
    let here = typing.here;
    let place_of = |at: Place| place_of(typing, node, at);
    let marker = &of.marker;
    let mut checks = TokenStream::new();
    if let Some(first) = node.depends.first() {
        let place = place_of(first.slot_place());
        checks.extend(quote_spanned! {here=>
            const _: () = __noob::takes_dependencies::<#marker>(#place);
        });
    }
    let mut position = 0;
    for item in &node.depends {
        let (place, at) = (place_of(item.slot_place()), place_of(item.place));
        let number = Literal::usize_unsuffixed(position);
        let there = match item.slot_name() {
            Some(slot) => quote_spanned!(here=> __noob::slot::<#marker>(#place, #slot)),
            None => quote_spanned!(here=> __noob::position::<#marker>(#place, #number)),
        };
        let slot = typing.slot(of, item, position);
        let slot_number = typing.slot_number(of, item, position);
        let Type {
            tokens: ty,
            before,
            text,
        } = typing.emitted(item);
        let written = format!("{}.{}", item.node, item.signal);
        checks.extend(quote_spanned! {here=>
            const _: () = #there;
            const _: () = __noob::edge::<#marker>(
                #at,
                #slot_number,
                __noob::EmittedType::new(#written, #before, #text),
                ::noob_zmq::__private::fits!(#ty, #slot),
            );
        });
        position += usize::from(item.slot.is_none());
    }
    for (name, param) in &node.params {
        let (place, name) = (place_of(param.key), &**name);
        checks.extend(quote_spanned! {here=>
            const _: () = __noob::param::<#marker>(#place, #name);
        });
    }
    let place = place_of(node.id.place);
    let by_position = Literal::usize_unsuffixed(position);
    let by_name = node.depends.iter().filter_map(Dependency::slot_name);
    let params = node.params.keys().map(|name| &**name);
    checks.extend(quote_spanned! {here=>
        const _: () = __noob::nothing_unfed::<#marker>(
            #place, #by_position, &[#(#by_name),*], &[#(#params),*],
        );
    });
    checks
}

fn place_of(typing: &Typing<'_>, node: &NodeSpec, at: Place) -> TokenStream {
    let (at, name, type_name) = (typing.at(at), &*node.id.value, &*node.type_text());
    quote_spanned!(typing.here=> __noob::Place::new(#at, #name, #type_name))
}

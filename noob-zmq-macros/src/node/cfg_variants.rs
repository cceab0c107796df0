//! Items whose arguments or marked methods depend on the configuration.
//!
//! An attribute macro sees its item before the compiler evaluates `#[cfg]` inside of it. Such an
//! item is therefore written once for each combination of its predicates, under a `#[cfg]` for that
//! combination, and the macro is called again for each.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, Meta, Signature};

use super::parse::{AnnotatedItem, Function, ImplMember};
use crate::errors::Errors;

/// Largest number of predicates; each doubles the number of variants.
const MAX_PREDICATES: usize = 4;

/// Returns the variants of an item; `None` if there is one only.
///
/// `attribute` is the macro with its options: `::noob_zmq::node(name = "..")`.
pub(super) fn cfg_variants(
    attribute: &TokenStream,
    item: &TokenStream,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let mut predicates = Vec::new();
    resolve(item, &mut |predicate| {
        if !predicates
            .iter()
            .any(|known: &TokenStream| same(known, predicate))
        {
            predicates.push(predicate.clone());
        }
        true
    })?;
    if predicates.is_empty() {
        return None;
    }
    if let Some(more) = predicates.get(MAX_PREDICATES) {
        let text = "the arguments and methods of a node can depend on four conditions at most; \
                    write a function for each configuration instead";
        errors.push(more, text);
        return None;
    }
    let mut variants = TokenStream::new();
    for chosen in 0..1_u32 << predicates.len() {
        let holds = |at: usize| chosen & (1 << at) != 0;
        let conditions = predicates.iter().enumerate().map(|(at, predicate)| {
            if holds(at) {
                quote!(#predicate)
            } else {
                quote!(not(#predicate))
            }
        });
        let condition = quote!(#[cfg(all(#(#conditions),*))]);
        let variant = resolve(item, &mut |predicate| {
            let at = predicates.iter().position(|known| same(known, predicate));
            at.is_some_and(holds)
        })?;
        variants.extend(quote! { #condition #[#attribute] #variant });
    }
    Some(variants)
}

fn same(left: &TokenStream, right: &TokenStream) -> bool {
    left.to_string() == right.to_string()
}

/// Returns the item without the arguments and marked methods of which a predicate does not hold.
fn resolve(
    item: &TokenStream,
    holds: &mut dyn FnMut(&TokenStream) -> bool,
) -> Option<AnnotatedItem> {
    let mut item = syn::parse2::<AnnotatedItem>(item.clone()).ok()?;
    match &mut item {
        AnnotatedItem::Function(function) => arguments(&mut function.sig, holds),
        AnnotatedItem::Impl(block) => block.members.retain_mut(|member| match member {
            ImplMember::Method(method) => {
                let kept = !is_marked(method) || keep(&mut method.attrs, holds);
                arguments(&mut method.sig, holds);
                kept
            }
            ImplMember::Other(..) => true,
        }),
        AnnotatedItem::Other(_) => {}
    }
    Some(item)
}

/// Returns whether the description of a node depends on a method: `fn new`, or one with an
/// attribute such as `#[init]`.
fn is_marked(method: &Function) -> bool {
    let passive = [
        "cfg", "cfg_attr", "doc", "allow", "expect", "inline", "must_use",
    ];
    let marks = |attr: &Attribute| !passive.iter().any(|name| attr.path().is_ident(name));
    method.sig.ident == "new" || method.attrs.iter().any(marks)
}

fn arguments(sig: &mut Signature, holds: &mut dyn FnMut(&TokenStream) -> bool) {
    let inputs = std::mem::take(&mut sig.inputs);
    sig.inputs = inputs
        .into_iter()
        .filter_map(|mut input| {
            let attrs = match &mut input {
                FnArg::Receiver(receiver) => &mut receiver.attrs,
                FnArg::Typed(typed) => &mut typed.attrs,
            };
            keep(attrs, holds).then_some(input)
        })
        .collect();
}

/// Takes the `#[cfg]`s off, and returns whether all of them hold.
fn keep(attrs: &mut Vec<Attribute>, holds: &mut dyn FnMut(&TokenStream) -> bool) -> bool {
    let mut all = true;
    attrs.retain(|attr| match &attr.meta {
        Meta::List(list) if attr.path().is_ident("cfg") => {
            all &= holds(&list.tokens);
            false
        }
        _ => true,
    });
    all
}

/// Returns the attribute that a variant is marked with.
pub(super) fn attribute(
    name: &str,
    krate: Option<&syn::Path>,
    options: &TokenStream,
) -> TokenStream {
    let name = proc_macro2::Ident::new(name, proc_macro2::Span::call_site());
    let krate = krate.map_or_else(|| quote!(::noob_zmq), ToTokens::to_token_stream);
    quote!(#krate::#name(#options))
}

//! Reads an argument of a node: its name, its type, and the options of `#[slot(..)]`.

use syn::{Attribute, Expr, ExprLit, FnArg, Lit, Meta, Pat, PatType, Signature, Type, parse_quote};

use super::check;
use super::ir::{ArgumentDefault, ArgumentSource, NodeArgument};
use super::types;
use crate::attrs::{self, AttrArgs};
use crate::errors::Errors;
use crate::names;

/// Returns whether an attribute is `#[slot(..)]` or `#[param(..)]`.
fn is_ours(attr: &Attribute) -> bool {
    attr.path().is_ident("slot") || attr.path().is_ident("param")
}

/// Options of `#[slot(..)]` or `#[param(..)]`.
#[derive(Default)]
struct SlotOptions {
    default: Option<ArgumentDefault>,
    rest: bool,
}

/// Returns the argument, or `None` if it has no name.
pub(super) fn argument(written: &mut PatType, errors: &mut Errors) -> Option<NodeArgument> {
    let ours = attrs::take(&mut written.attrs, is_ours);
    let Pat::Ident(name) = &*written.pat else {
        check::pattern(written, errors);
        return None;
    };
    let ident = name.ident.clone();
    let options = slot_options(&ours, errors);
    if let Some((source, ty)) = injected(&written.ty) {
        if let Some(attr) = ours.first() {
            let what = names::spelled(ty);
            let text = format!(
                "the `{what}` of a call is given by the runner: no tube \
                                       feeds it, so there is nothing to say about its slot"
            );
            errors.push(attr, text);
        }
        return Some(NodeArgument {
            ident,
            source,
            ty: ty.clone(),
            optional: false,
            slice: None,
            default: None,
        });
    }
    check::argument_name(&ident, errors);
    let inner = types::option(&written.ty);
    let slice = types::slice_of_numbers(inner.as_ref().unwrap_or(&written.ty));
    if slice.is_none() {
        check::argument_type(&written.ty, errors);
    } else {
        check::slice(
            &written.ty,
            options.rest || options.default.is_some(),
            errors,
        );
    }
    if options.rest {
        check::rest(
            &written.ty,
            inner.as_ref(),
            options.default.is_some(),
            errors,
        );
    } else if let (Some(inner), Some(_)) = (&inner, &options.default) {
        let taken = names::spelled(inner);
        let text = format!(
            "an `Option` is `None` when it is left out, so a default has no place; take \
                     `{taken}`, or leave `default` away"
        );
        errors.push(&written.ty, text);
    }
    Some(NodeArgument {
        ident,
        source: if options.rest {
            ArgumentSource::Rest
        } else {
            ArgumentSource::Named
        },
        optional: inner.is_some(),
        ty: match &slice {
            Some(number) => parse_quote!(::std::vec::Vec<#number>),
            None => inner.unwrap_or_else(|| (*written.ty).clone()),
        },
        slice,
        default: options.default,
    })
}

/// Returns the origin of an argument whose type the runner provides.
fn injected(ty: &Type) -> Option<(ArgumentSource, &Type)> {
    let (reference, ty) = match ty {
        Type::Reference(written) if written.mutability.is_none() && written.lifetime.is_none() => {
            (true, &*written.elem)
        }
        _ => (false, ty),
    };
    let source = match types::last_segment(ty)?.ident.to_string().as_str() {
        "Epoch" => ArgumentSource::Epoch { reference },
        "EventMap" => ArgumentSource::Events { reference },
        _ => return None,
    };
    Some((source, ty))
}

fn slot_options(attributes: &[Attribute], errors: &mut Errors) -> SlotOptions {
    let mut options = SlotOptions::default();
    for attribute in attributes {
        let owner = format!("#[{}(..)]", names::spelled(attribute.path()));
        let [default, rest] =
            AttrArgs::of(attribute, errors).retain(&owner, ["default", "rest"], errors);
        if let Some(rest) = rest {
            options.rest = true;
            if !matches!(rest.meta, Meta::Path(_)) {
                errors.push(&rest.meta, "`rest` stands alone: `#[slot(rest)]`");
            }
        }
        let Some(default) = default else {
            continue;
        };
        if options.default.is_some() {
            errors.push(&default.meta, "this slot has two defaults; keep one");
            continue;
        }
        options.default = match default.meta {
            Meta::Path(_) => Some(ArgumentDefault::OfType),
            _ => default
                .equals::<Expr>("2", errors)
                .map(|value| match value {
                    Expr::Lit(ExprLit {
                        lit: Lit::Str(text),
                        ..
                    }) => ArgumentDefault::Text(text),
                    other => ArgumentDefault::Expr(other),
                }),
        };
    }
    options
}

/// Removes `#[slot(..)]` from the arguments of a method that no tube feeds.
pub(super) fn take_slots(sig: &mut Signature) -> Vec<Attribute> {
    let typed = sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(written) => Some(written),
        FnArg::Receiver(_) => None,
    });
    typed
        .flat_map(|written| attrs::take(&mut written.attrs, is_ours))
        .collect()
}

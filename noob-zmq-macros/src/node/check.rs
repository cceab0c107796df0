//! Rules for nodes and their parts; these functions only report mistakes.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Generics, Ident, LitStr, PatType, Safety, Signature, Type};

use super::ir::{ArgumentSource, Callable, NodeArgument};
use super::types;
use crate::errors::Errors;
use crate::names::{self, plain};

/// Names of slots that have a meaning of their own in a tube.
const RESERVED: [&str; 4] = ["assets", "input", "meta", "tube"];

/// Checks the name of a node type: words joined by dots, two at least.
pub(crate) fn type_name(name: &LitStr, errors: &mut Errors) {
    let text = name.value();
    if let Some(part) = text.split('.').find(|part| !is_word(part)) {
        let why = format!(
            "`{part}` is no identifier; a node type is named by identifiers joined by dots, like \
             `package.node`"
        );
        errors.push(name, why);
    } else if !text.contains('.') {
        errors.push(
            name,
            format!(
                "the name of a node type has a dot in it, like `package.{text}`; names without \
                     one are kept for `return`, `map` and their like"
            ),
        );
    }
}

/// Checks the name of a signal.
pub(crate) fn signal_name(name: &LitStr, errors: &mut Errors) {
    if !is_word(&name.value()) {
        let text = format!(
            "`{}` is no identifier; a signal is referred to as `node.signal`",
            name.value()
        );
        errors.push(name, text);
    }
}

fn is_word(text: &str) -> bool {
    syn::parse_str::<Ident>(text).is_ok()
        || text.starts_with(char::is_alphabetic)
            && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Rejects generics: a registered node is one type under one name.
pub(crate) fn generics(generics: &Generics, errors: &mut Errors) {
    if !generics.params.is_empty() {
        errors.push(
            &generics.params,
            "a `#[node]` cannot be generic: it is registered as one type under one name; leave \
             this item as it is, and write one `#[node]` for each type, which calls it",
        );
    }
}

/// Rejects `unsafe`, `extern` and variadic functions.
pub(crate) fn modifiers(sig: &Signature, errors: &mut Errors) {
    if let Safety::Unsafe(token) = &sig.safety {
        errors.push(
            token,
            "a `#[node]` cannot be `unsafe`: the runner calls it with whatever a tube says",
        );
    }
    if let Some(abi) = &sig.abi {
        errors.push(
            abi,
            "a `#[node]` is an ordinary Rust function: remove `extern`",
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.push(variadic, "a `#[node]` has a fixed number of arguments");
    }
}

/// Checks the type of an argument.
pub(crate) fn argument_type(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(reference) = ty {
        let owned = types::owned(&reference.elem);
        let text = format!(
            "a `#[node]` cannot take a reference: its arguments come out of events and \
                     belong to the call; take `{owned}`"
        );
        errors.push(ty, text);
    } else if let Some(lifetime) = lifetime(ty.to_token_stream()) {
        errors.push(
            lifetime,
            "a `#[node]` cannot take a type that borrows: its arguments come out of events and \
             belong to the call",
        );
    } else if types::impl_trait(ty) {
        errors.push(
            ty,
            "`impl Trait` makes a `#[node]` generic: name one type, which the values \
                         are deserialised into",
        );
    }
}

/// Rejects a `&[T]` that would have to outlive its value, or that could be made of nothing.
pub(crate) fn slice(ty: &Type, has_options: bool, errors: &mut Errors) {
    if has_options {
        errors.push(
            ty,
            "a slice is lent from the value of its slot, so that it has no default and cannot \
             take the rest; take a `Vec`",
        );
    }
}

/// Rejects slices among the arguments of a source.
pub(crate) fn no_slices(call: &Callable, errors: &mut Errors) {
    for argument in call
        .arguments
        .iter()
        .filter(|argument| argument.slice.is_some())
    {
        errors.push(
            &argument.ident,
            "a source keeps its arguments for as long as it runs, and a slice is lent for one \
             call; take a `Vec`",
        );
    }
}

/// Checks the type of a result, without `Result`.
pub(crate) fn returned_type(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(reference) = ty {
        let owned = types::owned(&reference.elem);
        let text = format!(
            "a `#[node]` cannot return a reference: what it returns travels to \
                                 other processes; return `{owned}`"
        );
        errors.push(ty, text);
    } else if types::impl_trait(ty) {
        errors.push(
            ty,
            "the type that a `#[node]` returns must be named, except `impl \
                         Iterator<Item = T>`, which makes it a source",
        );
    }
}

/// Checks the type of an argument that takes the rest; `inner` is the `T` of an `Option<T>`.
pub(crate) fn rest(ty: &Type, inner: Option<&Type>, has_default: bool, errors: &mut Errors) {
    if let Some(inner) = inner {
        let inner = names::spelled(inner);
        let text = format!(
            "the rest of the slots is empty where nothing came, and never `None`; take \
                     `{inner}`"
        );
        errors.push(ty, text);
    } else if has_default {
        errors.push(
            ty,
            "the rest of the slots is empty where nothing came, so a default has no place; leave \
             `default` away",
        );
    }
}

/// Rejects a second argument that takes the rest.
pub(crate) fn one_rest(arguments: &[NodeArgument], errors: &mut Errors) {
    let mut rests = arguments
        .iter()
        .filter(|argument| argument.source == ArgumentSource::Rest);
    if let Some(first) = rests.next() {
        for again in rests {
            let text = format!(
                "only one argument takes the rest of the slots; `{}` does already",
                plain(&first.ident)
            );
            errors.push(&again.ident, text);
        }
    }
}

/// Rejects arguments that take the epoch or its events where there is none; `why` is the error.
pub(crate) fn no_epoch(call: &Callable, why: &str, errors: &mut Errors) {
    for argument in &call.arguments {
        if matches!(
            argument.source,
            ArgumentSource::Epoch { .. } | ArgumentSource::Events { .. }
        ) {
            errors.push(&argument.ty, why);
        }
    }
}

/// Rejects `#[slot(..)]` in a method that the runner does not call.
pub(crate) fn slot_without_a_call(attr: &Attribute, errors: &mut Errors) {
    errors.push(
        attr,
        "this method has no slots: those of a `#[node]` block are the arguments of its \
         `#[process]` method, its parameters those of `fn new`",
    );
}

/// Rejects the mark of a method on a function.
pub(crate) fn mark_on_function(attr: &Attribute, errors: &mut Errors) {
    let mark = names::spelled(attr.path());
    let what = if mark == "process" {
        "a `#[node]` function is called for each epoch as it is: remove this"
    } else if mark == "snapshot" || mark == "restore" {
        "a function keeps nothing that could be restored: write a `#[node]` block"
    } else {
        "a function has nothing to set up: write a `#[node]` block"
    };
    let text = format!("`#[{mark}]` marks a method in a `#[node]` block; {what}");
    errors.push(attr, text);
}

/// Checks the name of an argument.
pub(crate) fn argument_name(ident: &Ident, errors: &mut Errors) {
    let name = plain(ident);
    if RESERVED.contains(&name.as_str()) {
        let text = format!(
            "an argument of a `#[node]` cannot be named `{name}`: in a \
                                    tube, `{name}` means something else"
        );
        errors.push(ident, text);
    }
}

/// Rejects an argument that is a pattern and not a name.
pub(crate) fn pattern(argument: &PatType, errors: &mut Errors) {
    errors.push(
        &argument.pat,
        "name this argument: a tube feeds it by its name; take it apart inside the function",
    );
}

/// Returns the first lifetime or reference in a type, except `'static`.
fn lifetime(tokens: TokenStream) -> Option<TokenStream> {
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            proc_macro2::TokenTree::Punct(mark) if mark.as_char() == '\'' => {
                let name = tokens.next()?;
                if name.to_string() != "static" {
                    return Some(
                        [proc_macro2::TokenTree::Punct(mark), name]
                            .into_iter()
                            .collect(),
                    );
                }
            }
            proc_macro2::TokenTree::Punct(mark) if mark.as_char() == '&' => {
                return Some(proc_macro2::TokenTree::Punct(mark).into());
            }
            proc_macro2::TokenTree::Group(group) => {
                if let Some(found) = lifetime(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

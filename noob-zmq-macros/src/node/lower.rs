//! Reduces the item under `#[node]` to its description, and takes our attributes off.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, FnArg, Receiver, ReceiverKind, ReturnType, Signature, Type, parse_quote};

use super::argument::{argument, take_slots};
use super::block::BlockRules;
use super::check;
use super::ir::{CallOutput, Callable, Checkpointing, Class, Fallible, Node, Shape};
use super::parse::{AnnotatedItem, Function, ImplBlock, NodeOptions};
use super::types;
use crate::attrs;
use crate::errors::Errors;

/// Returns the node, or `None` if its mistakes leave no description.
pub(crate) fn node(
    options: NodeOptions,
    item: &mut AnnotatedItem,
    errors: &mut Errors,
) -> Option<Node> {
    if let Some(name) = &options.name {
        check::type_name(name, errors);
    }
    if let Some(signal) = &options.signal {
        check::signal_name(signal, errors);
    }
    let (ident, attrs, shape) = match item {
        AnnotatedItem::Function(written) => {
            let shape = function(written, errors);
            (written.sig.ident.clone(), &written.attrs, shape)
        }
        AnnotatedItem::Impl(block) => {
            let ident = types::last_segment(&block.ty).map(|last| last.ident.clone());
            let class =
                class(block, options.stateful, errors).map(|class| Shape::Class(Box::new(class)));
            (ident?, &block.attrs, class)
        }
        AnnotatedItem::Other(other) => {
            let place = other.clone().into_iter().next();
            return errors.reject(
                place,
                "`#[node]` stands on a function or on an `impl` block",
            );
        }
    };
    Some(Node {
        ident,
        name: options.name,
        signal: options.signal,
        stateful: options.stateful,
        doc: first_paragraph(attrs),
        cfgs: cfgs_and_lints(attrs),
        shape: shape?,
    })
}

/// Returns the `#[cfg]`s and `#[allow]`s of an item, which hold for its expansion too.
///
/// The registration of a deprecated node is no use of it.
fn cfgs_and_lints(attrs: &[Attribute]) -> Vec<Attribute> {
    let mut kept = attrs::cfgs(attrs);
    let is = |attr: &&Attribute, name| attr.path().is_ident(name);
    kept.extend(attrs.iter().filter(|attr| is(attr, "allow")).cloned());
    if attrs.iter().any(|attr| attr.path().is_ident("deprecated")) {
        kept.push(parse_quote!(#[allow(deprecated)]));
    }
    kept
}

/// Returns the first paragraph of the doc comment, on one line.
pub(crate) fn first_paragraph(attrs: &[Attribute]) -> String {
    let docs = attrs::docs(attrs);
    let first = docs.split("\n\n").next().unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads a function, which is a source if it returns an iterator.
fn function(written: &mut Function, errors: &mut Errors) -> Option<Shape> {
    if let Some(receiver) = written.sig.receiver() {
        return errors.reject(
            receiver,
            "a `#[node]` function has no `self`: put `#[node]` on the `impl` block, and \
             `#[process]` on this method",
        );
    }
    for attr in attrs::take(&mut written.attrs, |attr| NODE_BLOCK.mark(attr).is_some()) {
        check::mark_on_function(&attr, errors);
    }
    let item = types::iterator(&output(&written.sig).ty);
    let mut call = call(&mut written.sig, errors);
    let Some(item) = item else {
        check::returned_type(&call.output.ty, errors);
        return Some(Shape::Function(call));
    };
    let item = unwrapped(&item);
    check::returned_type(&item.ty, errors);
    check::no_slices(&call, errors);
    check::no_epoch(
        &call,
        "a source is called once, before the first epoch: there is none to give it",
        errors,
    );
    call.output.ty = parse_quote!(());
    Some(Shape::Source { call, item })
}

/// Reads arguments and result of a function or method; a receiver is skipped.
pub(crate) fn call(sig: &mut Signature, errors: &mut Errors) -> Callable {
    check::generics(&sig.generics, errors);
    check::modifiers(sig, errors);
    let output = output(sig);
    let arguments = sig.inputs.iter_mut().filter_map(|written| match written {
        FnArg::Receiver(_) => None,
        FnArg::Typed(written) => argument(written, errors),
    });
    let arguments: Vec<_> = arguments.collect();
    check::one_rest(&arguments, errors);
    Callable {
        arguments,
        ident: sig.ident.clone(),
        is_async: sig.asyncness.is_some(),
        output,
    }
}

fn output(sig: &Signature) -> CallOutput {
    match &sig.output {
        ReturnType::Default => CallOutput {
            ty: parse_quote!(()),
            fallible: None,
        },
        ReturnType::Type(_, ty) => unwrapped(ty),
    }
}

fn unwrapped(ty: &Type) -> CallOutput {
    match types::result(ty) {
        Some((value, error)) => CallOutput {
            ty: value,
            fallible: Some(Fallible {
                ty: ty.clone(),
                error,
            }),
        },
        None => CallOutput {
            ty: ty.clone(),
            fallible: None,
        },
    }
}

const NODE_BLOCK: BlockRules<5> = BlockRules {
    attribute: "`#[node]`",
    block: "a `#[node]` block",
    product: "the value",
    marks: ["process", "init", "deinit", "snapshot", "restore"],
    no_epoch: "`fn new` is called once, before the first epoch: take this in the `#[process]` \
               method",
};

fn class(block: &mut ImplBlock, stateful: Option<bool>, errors: &mut Errors) -> Option<Class> {
    let mut plain_process = None;
    let (new, marked) = NODE_BLOCK.methods(block, errors, |sig, errors| {
        for attr in take_slots(sig) {
            check::slot_without_a_call(&attr, errors);
        }
        if sig.ident == "process" {
            plain_process = Some(sig.ident.clone());
        }
    })?;
    let [process, init, deinit, snapshot, restore] = marked;
    let checkpointing = checkpointing(snapshot, restore, stateful, errors);
    if new.is_none() {
        errors.push(
            &block.ty,
            "a `#[node]` block needs `fn new(..) -> Self`: its arguments are the `params` of the \
             tube; add `fn new() -> Self` if there are none",
        );
    }
    if process.is_none() {
        missing_process(plain_process, &block.ty, errors);
    }
    Some(Class {
        ty: block.ty.clone(),
        new: new?,
        process: process?,
        init,
        deinit,
        checkpointing,
    })
}

/// Pairs the methods that take the state from one process to the next: neither, or both.
fn checkpointing(
    snapshot: Option<Callable>,
    restore: Option<Callable>,
    stateful: Option<bool>,
    errors: &mut Errors,
) -> Option<Checkpointing> {
    if let (Some(first), Some(false)) = (snapshot.as_ref().or(restore.as_ref()), stateful) {
        errors.push(
            &first.ident,
            "a node with `stateful = false` knows nothing that could be restored: remove this \
             method, or `stateful = false`",
        );
    }
    match (snapshot, restore) {
        (Some(snapshot), Some(restore)) => {
            let state = restore.arguments.first()?.ty.clone();
            Some(Checkpointing {
                snapshot,
                restore,
                state,
            })
        }
        (Some(snapshot), None) => {
            errors.push(
                snapshot.ident,
                "what a `#[snapshot]` method gives must go back somewhere: add `#[restore] fn \
                 restore(&mut self, state: S)`, where `S` is what this one returns",
            );
            None
        }
        (None, Some(restore)) => {
            errors.push(
                restore.ident,
                "what a `#[restore]` method takes must come from somewhere: add `#[snapshot] fn \
                 snapshot(&self) -> S`, where `S` is what this one takes",
            );
            None
        }
        (None, None) => None,
    }
}

fn missing_process(plain: Option<Ident>, ty: &Type, errors: &mut Errors) {
    match plain {
        Some(method) => errors.push(
            method,
            "mark this method with `#[process]` to have it called for each epoch",
        ),
        None => errors.push(
            ty,
            "a `#[node]` block needs a method that is called for each epoch: mark it with \
             `#[process]`",
        ),
    }
}

/// Reads a marked method.
pub(crate) fn marked_method(
    mark: &str,
    sig: &mut Signature,
    own: &Type,
    errors: &mut Errors,
) -> Callable {
    match sig.receiver() {
        Some(Receiver {
            kind: ReceiverKind::Reference(..),
            ..
        }) => {}
        Some(other) => errors.push(
            other,
            format!("a `#[{mark}]` method takes `&mut self` or `&self`"),
        ),
        None => errors.push(
            &sig.ident,
            format!("a `#[{mark}]` method takes `&mut self` or `&self` first"),
        ),
    }
    if mark == "process" {
        let mut call = call(sig, errors);
        call.output.ty = types::without_self(&call.output.ty, own);
        if types::iterator(&call.output.ty).is_some() {
            errors.push(
                &call.output.ty,
                "a `#[process]` method returns one result for each epoch; keep the iterator in a \
                 field, and return what its `next` gives",
            );
        } else {
            check::returned_type(&call.output.ty, errors);
        }
        for argument in &mut call.arguments {
            argument.ty = types::without_self(&argument.ty, own);
        }
        return call;
    }
    take_slots(sig);
    match mark {
        "snapshot" => return snapshot(sig, own, errors),
        "restore" => return restore(sig, own, errors),
        _ => {}
    }
    let beyond = sig
        .inputs
        .iter()
        .find(|input| matches!(input, FnArg::Typed(_)));
    if let Some(beyond) = beyond {
        let text =
            format!("a `#[{mark}]` method takes `self` and nothing else; `params` go to `fn new`");
        errors.push(beyond.to_token_stream(), text);
    }
    let call = Callable {
        ident: sig.ident.clone(),
        is_async: sig.asyncness.is_some(),
        arguments: Vec::new(),
        output: output(sig),
    };
    if !types::is_unit(&call.output.ty) {
        let text = format!("a `#[{mark}]` method returns `()` or `Result<(), E>`");
        errors.push(&call.output.ty, text);
    }
    call
}

/// Reads `fn snapshot(&self) -> S`, or `-> Result<S, E>`.
fn snapshot(sig: &mut Signature, own: &Type, errors: &mut Errors) -> Callable {
    if let Some(Receiver {
        kind: ReceiverKind::Reference(_, _, Some(mutable)),
        ..
    }) = sig.receiver()
    {
        errors.push(
            mutable,
            "a `#[snapshot]` method changes nothing: it takes `&self`",
        );
    }
    if let Some(token) = &sig.asyncness {
        errors.push(
            token,
            "a `#[snapshot]` method is called after each call, and waits for nothing: remove \
             `async`",
        );
    }
    let mut call = call(sig, errors);
    if let Some(beyond) = call.arguments.first() {
        errors.push(
            &beyond.ident,
            "a `#[snapshot]` method takes `&self` and nothing else",
        );
    }
    call.output.ty = types::without_self(&call.output.ty, own);
    if types::is_unit(&call.output.ty) {
        errors.push(
            &sig.ident,
            "a `#[snapshot]` method returns what the node knows: any type that serde can serialise \
             and deserialise, or `Result<S, E>`",
        );
    } else {
        check::returned_type(&call.output.ty, errors);
    }
    call
}

/// Reads `fn restore(&mut self, state: S)`, or `-> Result<(), E>`.
fn restore(sig: &mut Signature, own: &Type, errors: &mut Errors) -> Callable {
    let mut call = call(sig, errors);
    for argument in &mut call.arguments {
        if argument.optional {
            // An `Option<T>` makes a slot optional; a state is of that type itself.
            let inner = argument.ty.clone();
            argument.ty = parse_quote!(::core::option::Option<#inner>);
            argument.optional = false;
        }
        argument.ty = types::without_self(&argument.ty, own);
    }
    if call.arguments.len() != 1 {
        errors.push(
            &sig.ident,
            "a `#[restore]` method takes `&mut self` and what the `#[snapshot]` method gives",
        );
    }
    if !types::is_unit(&call.output.ty) {
        errors.push(
            &call.output.ty,
            "a `#[restore]` method returns `()` or `Result<(), E>`",
        );
    }
    call
}

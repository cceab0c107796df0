//! Reduces the item under `#[asset]` to its description, and takes our attributes off.

use proc_macro2::TokenStream;
use syn::{Attribute, LitStr, ReturnType, Signature, Type};

use super::ir::Asset;
use crate::attrs::{self, AttrArgs};
use crate::errors::Errors;
use crate::node::{AnnotatedItem, Callable, Function, ImplBlock, ImplMember, check, lower, types};

/// Options of `#[asset(..)]`.
#[derive(Debug)]
pub(super) struct AssetOptions {
    name: Option<LitStr>,
    local: bool,
}

impl AssetOptions {
    pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Self {
        let args = AttrArgs::of_tokens(tokens, errors);
        let [name, local] = args.retain("#[asset(..)]", ["name", "local"], errors);
        let local = local.and_then(|arg| arg.flag(errors));
        Self {
            name: name.and_then(|arg| arg.equals("\"package.asset\"", errors)),
            local: local.unwrap_or(false),
        }
    }
}

/// Type of the object, and the functions that make and close it.
struct AssetLifecycle {
    ty: Type,
    make: Callable,
    close: Option<Callable>,
}

/// Returns the asset, or `None` if its mistakes leave no description.
pub(super) fn asset(
    options: AssetOptions,
    item: &mut AnnotatedItem,
    errors: &mut Errors,
) -> Option<Asset> {
    if let Some(name) = &options.name {
        check::type_name(name, errors);
    }
    let (ident, attrs, lifecycle, method) = match item {
        AnnotatedItem::Function(written) => {
            let lifecycle = function(written, errors)?;
            (written.sig.ident.clone(), &written.attrs, lifecycle, false)
        }
        AnnotatedItem::Impl(block) => {
            let ident = types::last_segment(&block.ty).map(|last| last.ident.clone());
            let lifecycle = self::block(block, errors)?;
            (ident?, &block.attrs, lifecycle, true)
        }
        AnnotatedItem::Other(other) => {
            let first = other.clone().into_iter().next();
            errors.push(
                first,
                "`#[asset]` stands on a function that makes the object, or on an `impl` block with \
                 `fn new`",
            );
            return None;
        }
    };
    Some(Asset {
        ident,
        name: options.name,
        local: options.local,
        doc: lower::first_paragraph(attrs),
        cfgs: attrs::cfgs(attrs),
        ty: lifecycle.ty,
        make: lifecycle.make,
        method,
        close: lifecycle.close,
    })
}

fn function(written: &mut Function, errors: &mut Errors) -> Option<AssetLifecycle> {
    if let Some(receiver) = written.sig.receiver() {
        errors.push(
            receiver,
            "an `#[asset]` function has no `self`: put `#[asset]` on the `impl` block of the type",
        );
        return None;
    }
    for attr in attrs::take(&mut written.attrs, is_close) {
        errors.push(
            attr,
            "`#[close]` marks a method of an `#[asset]` block; what a function has made is dropped",
        );
    }
    let make = arguments(&mut written.sig, errors);
    let ty = make.output.ty.clone();
    if matches!(ty, Type::ImplTrait(_)) {
        errors.push(
            &ty,
            "nodes take an asset as `Asset<T>`, so its type must have a name: write it out, or \
             `Box<dyn ..>`",
        );
    }
    if types::is_unit(&ty) {
        let place: &dyn quote::ToTokens = match &written.sig.output {
            ReturnType::Default => &written.sig.ident,
            ReturnType::Type(_, ty) => ty,
        };
        errors.push(
            place,
            "an `#[asset]` function returns the object that it makes",
        );
    }
    Some(AssetLifecycle {
        ty,
        make,
        close: None,
    })
}

fn arguments(sig: &mut Signature, errors: &mut Errors) -> Callable {
    let call = lower::call(sig, errors);
    check::no_epoch(
        &call,
        "an asset is made before there is a call: there is none to give it",
        errors,
    );
    call
}

fn block(block: &mut ImplBlock, errors: &mut Errors) -> Option<AssetLifecycle> {
    check::generics(&block.generics, errors);
    if let Some((of_trait, _)) = &block.of_trait {
        errors.push(
            of_trait,
            "`#[asset]` stands on the type's own `impl` block, not on that of a trait",
        );
        return None;
    }
    if types::last_segment(&block.ty).is_none() {
        errors.push(
            &block.ty,
            "the type of an `#[asset]` block must be a struct or enum with a name",
        );
    }
    let own = block.ty.clone();
    let (mut new, mut close) = (None, None::<Callable>);
    for member in &mut block.members {
        let ImplMember::Method(method) = member else {
            continue;
        };
        for attr in attrs::take(&mut method.attrs, is_close) {
            if let Some(first) = &close {
                errors.push(
                    &attr,
                    format!(
                        "an `#[asset]` block has one `#[close]` method; `{}` is it already",
                        first.ident
                    ),
                );
                continue;
            }
            close = Some(lower::marked_method("close", &mut method.sig, &own, errors));
        }
        if method.sig.ident == "new" {
            new = Some(constructor(&mut method.sig, &own, errors));
        }
    }
    if new.is_none() {
        errors.push(
            &block.ty,
            "an `#[asset]` block needs `fn new(..) -> Self`: its arguments are the `params` of the \
             tube",
        );
    }
    Some(AssetLifecycle {
        ty: own,
        make: new?,
        close,
    })
}

/// Reads `fn new(..) -> Self` or `-> Result<Self, E>`.
fn constructor(sig: &mut Signature, own: &Type, errors: &mut Errors) -> Callable {
    if let Some(receiver) = sig.receiver() {
        errors.push(
            receiver,
            "`fn new` of an `#[asset]` block makes the object, so it has no `self`",
        );
    }
    let mut call = arguments(sig, errors);
    for argument in &mut call.arguments {
        argument.ty = types::without_self(&argument.ty, own);
    }
    if !types::is_own(&call.output.ty, own) {
        let place: &dyn quote::ToTokens = match &sig.output {
            ReturnType::Default => &sig.ident,
            ReturnType::Type(_, ty) => ty,
        };
        errors.push(
            place,
            "`fn new` of an `#[asset]` block returns `Self` or `Result<Self, E>`",
        );
    }
    call
}

fn is_close(attr: &Attribute) -> bool {
    attr.path().is_ident("close")
}

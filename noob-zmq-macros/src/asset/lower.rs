//! Reduces the item under `#[asset]` to its description, and takes our attributes off.

use proc_macro2::TokenStream;
use syn::{LitStr, Path, Type};

use super::ir::Asset;
use crate::attrs::{self, AttrArgs, given_path};
use crate::errors::Errors;
use crate::node::{
    AnnotatedItem, BlockRules, Callable, Function, ImplBlock, check, lower, returned, types,
};

/// Options of `#[asset(..)]`.
#[derive(Debug)]
pub(super) struct AssetOptions {
    name: Option<LitStr>,
    local: bool,
    /// `crate = path`.
    pub(super) krate: Option<Path>,
}

impl AssetOptions {
    pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Self {
        let args = AttrArgs::of_tokens(tokens, errors);
        let known = ["name", "local", "crate"];
        let [name, local, krate] = args.retain("#[asset(..)]", known, errors);
        let local = local.and_then(|arg| arg.flag(errors));
        Self {
            name: name.and_then(|arg| arg.equals("\"package.asset\"", errors)),
            local: local.unwrap_or(false),
            krate: given_path(krate, errors),
        }
    }
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
    let (ident, attrs, ty, make, close) = match item {
        AnnotatedItem::Function(written) => {
            let make = function(written, errors)?;
            let (ident, ty) = (written.sig.ident.clone(), make.output.ty.clone());
            (ident, &written.attrs, ty, make, None)
        }
        AnnotatedItem::Impl(block) => {
            let ident = types::last_segment(&block.ty).map(|last| last.ident.clone());
            let (make, close) = self::block(block, errors)?;
            (ident?, &block.attrs, block.ty.clone(), make, Some(close))
        }
        AnnotatedItem::Other(other) => {
            let first = other.clone().into_iter().next();
            return errors.reject(
                first,
                "`#[asset]` stands on a function that makes the object, or on an `impl` block with \
                 `fn new`",
            );
        }
    };
    Some(Asset {
        ident,
        name: options.name,
        local: options.local,
        doc: lower::first_paragraph(attrs),
        cfgs: attrs::cfgs(attrs),
        ty,
        make,
        method: close.is_some(),
        close: close.flatten(),
    })
}

fn function(written: &mut Function, errors: &mut Errors) -> Option<Callable> {
    if let Some(receiver) = written.sig.receiver() {
        return errors.reject(
            receiver,
            "an `#[asset]` function has no `self`: put `#[asset]` on the `impl` block of the type",
        );
    }
    for attr in attrs::take(&mut written.attrs, |attr| ASSET_BLOCK.mark(attr).is_some()) {
        errors.push(
            attr,
            "`#[close]` marks a method of an `#[asset]` block; what a function has made is dropped",
        );
    }
    let make = lower::call(&mut written.sig, errors);
    check::no_epoch(&make, NO_EPOCH, errors);
    let ty = &make.output.ty;
    if matches!(ty, Type::ImplTrait(_)) {
        errors.push(
            ty,
            "nodes take an asset as `Asset<T>`, so its type must have a name: write it out, or \
             `Box<dyn ..>`",
        );
    }
    if types::is_unit(ty) {
        errors.push(
            returned(&written.sig),
            "an `#[asset]` function returns the object that it makes",
        );
    }
    Some(make)
}

const NO_EPOCH: &str = "an asset is made before there is a call: there is none to give it";

const ASSET_BLOCK: BlockRules<1> = BlockRules {
    attribute: "`#[asset]`",
    block: "an `#[asset]` block",
    product: "the object",
    marks: ["close"],
    no_epoch: NO_EPOCH,
};

/// Returns `fn new` and the method that closes the object.
fn block(block: &mut ImplBlock, errors: &mut Errors) -> Option<(Callable, Option<Callable>)> {
    let (new, [close]) = ASSET_BLOCK.methods(block, errors, |_, _| {})?;
    if new.is_none() {
        errors.push(
            &block.ty,
            "an `#[asset]` block needs `fn new(..) -> Self`: its arguments are the `params` of the \
             tube",
        );
    }
    Some((new?, close))
}

//! Reads `fn new` and the marked methods of a block, alike for `#[node]` and `#[asset]`.

use quote::ToTokens;
use syn::{Attribute, ReturnType, Signature, Type};

use super::ir::Callable;
use super::lower::{call, marked_method};
use super::parse::{ImplBlock, ImplMember};
use super::{check, types};
use crate::attrs;
use crate::errors::Errors;

/// Rules of an attribute that stands on an `impl` block.
pub(crate) struct BlockRules<const N: usize> {
    /// The attribute: "`#[node]`".
    pub(crate) attribute: &'static str,
    /// The block, as messages name it: "a `#[node]` block".
    pub(crate) block: &'static str,
    /// Result of `fn new`: "the value".
    pub(crate) product: &'static str,
    /// Attributes that mark methods.
    pub(crate) marks: [&'static str; N],
    /// Reason why `fn new` takes no epoch.
    pub(crate) no_epoch: &'static str,
}

impl<const N: usize> BlockRules<N> {
    /// Returns the number of the mark that an attribute is.
    pub(crate) fn mark(&self, attr: &Attribute) -> Option<usize> {
        self.marks
            .iter()
            .position(|mark| attr.path().is_ident(mark))
    }

    /// Reads `fn new` and the method of each mark; `unmarked` is called for every other method.
    pub(crate) fn methods(
        &self,
        block: &mut ImplBlock,
        errors: &mut Errors,
        mut unmarked: impl FnMut(&mut Signature, &mut Errors),
    ) -> Option<(Option<Callable>, [Option<Callable>; N])> {
        let (attribute, owner) = (self.attribute, self.block);
        check::generics(&block.generics, errors);
        if let Some((of_trait, _)) = &block.of_trait {
            let text = format!(
                "{attribute} stands on the type's own `impl` block, not on that of a trait"
            );
            return errors.reject(of_trait, text);
        }
        if types::last_segment(&block.ty).is_none() {
            let text = format!("the type of {owner} must be a struct or enum with a name");
            errors.push(&block.ty, text);
        }
        let mut new = None;
        let mut marked = [const { None::<Callable> }; N];
        for member in &mut block.members {
            let ImplMember::Method(method) = member else {
                continue;
            };
            let marks = attrs::take(&mut method.attrs, |attr| self.mark(attr).is_some());
            for attr in &marks {
                let Some(at) = self.mark(attr) else { continue };
                let mark = self.marks[at];
                if let Some(Callable { ident, .. }) = &marked[at] {
                    let text =
                        format!("{owner} has one `#[{mark}]` method; `{ident}` is it already");
                    errors.push(attr, text);
                    continue;
                }
                marked[at] = Some(marked_method(mark, &mut method.sig, &block.ty, errors));
            }
            if !marks.is_empty() {
                continue;
            }
            if method.sig.ident == "new" {
                new = Some(self.constructor(&mut method.sig, &block.ty, errors));
            } else {
                unmarked(&mut method.sig, errors);
            }
        }
        Some((new, marked))
    }

    /// Reads `fn new(..) -> Self` or `-> Result<Self, E>`.
    fn constructor(&self, sig: &mut Signature, own: &Type, errors: &mut Errors) -> Callable {
        let (owner, product) = (self.block, self.product);
        if let Some(receiver) = sig.receiver() {
            let text = format!("`fn new` of {owner} makes {product}, so it has no `self`");
            errors.push(receiver, text);
        }
        let mut call = call(sig, errors);
        check::no_epoch(&call, self.no_epoch, errors);
        for argument in &mut call.arguments {
            argument.ty = types::without_self(&argument.ty, own);
        }
        if !types::is_own(&call.output.ty, own) {
            let text = format!("`fn new` of {owner} returns `Self` or `Result<Self, E>`");
            errors.push(returned(sig), text);
        }
        call
    }
}

/// Returns the place of what a function returns: its type, or its name if it returns nothing.
pub(crate) fn returned(sig: &Signature) -> &dyn ToTokens {
    match &sig.output {
        ReturnType::Default => &sig.ident,
        ReturnType::Type(_, ty) => ty,
    }
}

//! An asset that was checked: what `expand` prints.

use syn::{Attribute, Ident, LitStr, Type};

use crate::node::Callable;

/// An asset type.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Name of the function or type; its place is where the asset is written.
    pub(crate) ident: Ident,
    /// `name = ".."`.
    pub(crate) name: Option<LitStr>,
    /// `local`: its objects stay in their process.
    pub(crate) local: bool,
    /// First paragraph of the doc comment.
    pub(crate) doc: String,
    /// The `#[cfg]`s of the item.
    pub(crate) cfgs: Vec<Attribute>,
    /// The type of the object.
    pub(crate) ty: Type,
    /// The function, or `fn new` of the block.
    pub(crate) make: Callable,
    /// Whether that is a method of the type.
    pub(crate) method: bool,
    /// The `#[close]` method.
    pub(crate) close: Option<Callable>,
}

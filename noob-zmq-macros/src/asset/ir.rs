//! Description of a checked asset type, which `expand` prints.

use syn::{Attribute, Ident, LitStr, Type};

use crate::node::Callable;

/// Asset type.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Name of the function or type; its span is the place of the asset.
    pub(crate) ident: Ident,
    /// `name = ".."`.
    pub(crate) name: Option<LitStr>,
    /// Whether the objects stay in their process: `local`.
    pub(crate) local: bool,
    /// First paragraph of the doc comment.
    pub(crate) doc: String,
    /// `#[cfg]`s of the item.
    pub(crate) cfgs: Vec<Attribute>,
    /// Type of the object.
    pub(crate) ty: Type,
    /// Function, or `fn new` of the block.
    pub(crate) make: Callable,
    /// Whether `make` is a method of the type.
    pub(crate) method: bool,
    /// `#[close]` method.
    pub(crate) close: Option<Callable>,
}

//! `#[asset]`: makes asset types of functions and `impl` blocks that make an object for nodes.

mod expand;
mod ir;
mod lower;

use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::node::annotated;

/// Expands `#[asset(options)]` on `item`: returns the item, with its registration or with every
/// mistake.
pub(crate) fn asset(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let options = lower::AssetOptions::read(options, &mut errors);
    let lower = |item: &mut _, errors: &mut _| lower::asset(options, item, errors);
    annotated(item, errors, lower, expand::asset)
}

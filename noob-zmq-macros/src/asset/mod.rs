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
    let read = lower::AssetOptions::read(options.clone(), &mut errors);
    let krate = read.krate.clone();
    let lower = |item: &mut _, errors: &mut _| lower::asset(read, item, errors);
    annotated("asset", &options, krate, item, errors, lower, expand::asset)
}

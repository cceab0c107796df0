//! A type under `#[derive(Message)]`.

use proc_macro2::Ident;
use syn::Path;

/// Message that is printed.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) name: Ident,
    pub(crate) krate: Path,
    /// The kind on the wire, with the version if it is not the first.
    pub(crate) kind: String,
}

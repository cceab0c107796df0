//! A type under `#[derive(Message)]`.

use proc_macro2::Ident;
use syn::Path;

/// What is printed for it.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) name: Ident,
    pub(crate) krate: Path,
    /// Its kind on the wire, with its version if it is not the first.
    pub(crate) kind: String,
}

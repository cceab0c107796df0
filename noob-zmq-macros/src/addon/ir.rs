//! An add-on handler that was checked.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Ident, LitStr, Path, Type};

/// The function and what it handles.
#[derive(Debug)]
pub(crate) struct Addon {
    pub(crate) krate: Path,
    pub(crate) actor: Type,
    /// `on_inbox`, as it was written.
    pub(crate) on: Ident,
    /// `inbox`.
    pub(crate) socket: String,
    pub(crate) message: AddonMessage,
    pub(crate) function: Ident,
    /// Whether it takes a `&Context` too.
    pub(crate) context: bool,
}

/// What it handles.
#[derive(Debug)]
pub(crate) enum AddonMessage {
    /// `on_inbox(Heartbeat)`: a message, which it takes.
    Typed(Path),
    /// `on_inbox = "heartbeat"`: a kind, as a `RawMessage`.
    Kind(LitStr),
}

impl AddonMessage {
    /// Where it is written.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Typed(path) => path.span(),
            Self::Kind(kind) => kind.span(),
        }
    }
}

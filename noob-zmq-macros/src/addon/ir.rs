//! Description of a checked add-on handler.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Ident, LitStr, Path, Type};

/// Function, and the messages that it handles.
#[derive(Debug)]
pub(crate) struct Addon {
    pub(crate) krate: Path,
    pub(crate) actor: Type,
    /// Name of the option, as written: `on_inbox`.
    pub(crate) on: Ident,
    /// Name of the socket: `inbox`.
    pub(crate) socket: String,
    pub(crate) message: AddonMessage,
    pub(crate) function: Ident,
    /// Whether the function takes a `&Context`.
    pub(crate) context: bool,
}

/// Messages that an add-on handles.
#[derive(Debug)]
pub(crate) enum AddonMessage {
    /// Type of message, which the function takes: `on_inbox(Heartbeat)`.
    Typed(Path),
    /// Kind, which the function takes as a `RawMessage`: `on_inbox = "heartbeat"`.
    Kind(LitStr),
}

impl AddonMessage {
    /// Returns the place in the source.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Typed(path) => path.span(),
            Self::Kind(kind) => kind.span(),
        }
    }
}

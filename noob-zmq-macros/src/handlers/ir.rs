//! Description of a block with handlers: signatures, no bodies.

use proc_macro2::Ident;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Path, Token, Type};

use super::signature::HandlerSignature;

/// `impl` block with handlers.
#[derive(Debug)]
pub(crate) struct HandlersBlock {
    pub(crate) krate: Path,
    pub(crate) spec: Path,
    pub(crate) actor: Type,
    pub(crate) generics: Generics,
    pub(crate) delegate: Delegate,
    /// Method for kinds that the spec does not name: `other = on_other`.
    pub(crate) other: Option<HandlerSignature>,
    /// Whether kinds that the spec does not name go to add-on handlers: `addons`.
    pub(crate) addons: bool,
    /// Whether the attribute or a signature has mistakes.
    ///
    /// Then a handler that seems to be missing may only be misspelt.
    pub(crate) broken: bool,
    pub(crate) handlers: Vec<Handler>,
    /// Methods without an attribute of ours that take one argument, with the type of it.
    pub(crate) unmarked: Vec<(Ident, Type)>,
}

/// Destination of messages without a handler.
#[derive(Debug)]
pub(crate) enum Delegate {
    /// No delegate: each message must have a handler.
    None,
    /// Field that is an actor of the same spec: `delegate = inner`.
    Whole(Ident),
    /// Fields that are actors of contained specs: `delegate(command = inner)`.
    Parts(Vec<DelegatePart>),
}

impl Delegate {
    /// Returns the part that receives what arrives on a contained spec.
    pub(crate) fn part(&self, nested: &Ident) -> Option<&DelegatePart> {
        match self {
            Self::Parts(parts) => parts.iter().find(|part| part.nested == *nested),
            Self::None | Self::Whole(_) => None,
        }
    }

    /// Returns the field that receives what arrives on the sockets below `outermost`.
    pub(crate) fn field_for(&self, outermost: Option<&Ident>) -> Option<&Ident> {
        match self {
            Self::Whole(field) => Some(field),
            _ => self.part(outermost?).map(|part| &part.field),
        }
    }
}

/// Part of [`Delegate::Parts`].
#[derive(Debug)]
pub(crate) struct DelegatePart {
    /// Field of the spec.
    pub(crate) nested: Ident,
    /// Field of the actor.
    pub(crate) field: Ident,
}

/// Handler: one `#[on_socket(Message)]` on one method.
#[derive(Debug)]
pub(crate) struct Handler {
    pub(crate) cfgs: Vec<Attribute>,
    /// Name of the attribute, as written: `on_router`.
    pub(crate) on: Ident,
    /// Name of the socket: `router`.
    pub(crate) socket: String,
    /// Path of the message: `MessageType::Status`.
    pub(crate) message: Path,
    /// Whether the handler receives the message instead of a delegate: `instead`.
    pub(crate) instead: bool,
    pub(crate) signature: HandlerSignature,
}

impl Parse for DelegatePart {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let nested = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self {
            nested,
            field: input.parse()?,
        })
    }
}

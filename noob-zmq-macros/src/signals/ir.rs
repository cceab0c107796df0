//! Description of a checked struct of signals.

use syn::{Ident, Type};

/// Struct of signals.
#[derive(Debug)]
pub(crate) struct Signals {
    /// Name.
    pub(crate) ident: Ident,
    /// Fields, in order.
    pub(crate) fields: Vec<SignalField>,
}

/// Field of the struct: one signal.
#[derive(Debug)]
pub(crate) struct SignalField {
    /// Name.
    pub(crate) ident: Ident,
    /// Type; for an `Emit<T>` the `T`.
    pub(crate) ty: Type,
    /// Whether the type is an `Emit<T>`, which may emit nothing.
    pub(crate) emits: bool,
}

//! A struct of signals that was checked.

use syn::{Ident, Type};

/// The struct.
#[derive(Debug)]
pub(crate) struct Signals {
    /// Its name.
    pub(crate) ident: Ident,
    /// Its fields, in order.
    pub(crate) fields: Vec<SignalField>,
}

/// A field: one signal.
#[derive(Debug)]
pub(crate) struct SignalField {
    /// Its name.
    pub(crate) ident: Ident,
    /// Its type; for an `Emit<T>` the `T`.
    pub(crate) ty: Type,
    /// Whether it is an `Emit<T>`, which may say nothing.
    pub(crate) emits: bool,
}

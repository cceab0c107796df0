//! A node that was checked: what `expand` prints.

use syn::{Attribute, Expr, Ident, LitStr, Type};

/// A node type.
#[derive(Debug)]
pub(crate) struct Node {
    /// Name of the function or type; its place is where the node is written.
    pub(crate) ident: Ident,
    /// `name = ".."`.
    pub(crate) name: Option<LitStr>,
    /// `signal = ".."`.
    pub(crate) signal: Option<LitStr>,
    /// `stateful` or `stateful = ..`.
    pub(crate) stateful: Option<bool>,
    /// First paragraph of the doc comment.
    pub(crate) doc: String,
    /// The `#[cfg]`s of the item.
    pub(crate) cfgs: Vec<Attribute>,
    /// What it is.
    pub(crate) shape: Shape,
}

/// What a node is.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful of these live for the time of one expansion"
)]
pub(crate) enum Shape {
    /// Called once an epoch.
    Function(Callable),
    /// Called once; the iterator that it returns is advanced once an epoch.
    Source { call: Callable, item: CallOutput },
    /// Made once; a method is called once an epoch.
    Class(Box<Class>),
}

/// An `impl` block.
#[derive(Debug)]
pub(crate) struct Class {
    /// Whose.
    pub(crate) ty: Type,
    /// `fn new`.
    pub(crate) new: Callable,
    /// The `#[process]` method.
    pub(crate) process: Callable,
    /// The `#[init]` method.
    pub(crate) init: Option<Callable>,
    /// The `#[deinit]` method.
    pub(crate) deinit: Option<Callable>,
    /// The `#[snapshot]` and `#[restore]` methods.
    pub(crate) checkpointing: Option<Checkpointing>,
}

/// How what a value knows is taken from one process to the next.
#[derive(Debug)]
pub(crate) struct Checkpointing {
    /// The `#[snapshot]` method.
    pub(crate) snapshot: Callable,
    /// The `#[restore]` method.
    pub(crate) restore: Callable,
    /// The type of the state, as the argument of the `#[restore]` method.
    pub(crate) state: Type,
}

/// A function or method that is called.
#[derive(Debug)]
pub(crate) struct Callable {
    /// Its name.
    pub(crate) ident: Ident,
    /// Whether it is `async`.
    pub(crate) is_async: bool,
    /// Its arguments, without `self`.
    pub(crate) arguments: Vec<NodeArgument>,
    /// What it returns.
    pub(crate) output: CallOutput,
}

/// An argument.
#[derive(Debug)]
pub(crate) struct NodeArgument {
    /// Its name.
    pub(crate) ident: Ident,
    /// What it is given.
    pub(crate) source: ArgumentSource,
    /// Its type; for an `Option<T>` the `T`, for a reference what it refers to.
    pub(crate) ty: Type,
    /// Whether it is an `Option<T>`.
    pub(crate) optional: bool,
    /// Its default.
    pub(crate) default: Option<ArgumentDefault>,
}

/// What an argument is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArgumentSource {
    /// The value of the slot or parameter of its name.
    Named,
    /// `#[slot(rest)]`: the slots or parameters of all other names.
    Rest,
    /// The epoch of the call.
    Epoch { reference: bool },
    /// The events of the call.
    Events { reference: bool },
}

impl Callable {
    /// The arguments that are slots or parameters of their own name, in order.
    pub(crate) fn named(&self) -> impl Iterator<Item = &NodeArgument> {
        self.arguments
            .iter()
            .filter(|argument| argument.source == ArgumentSource::Named)
    }

    /// The argument that takes all other names.
    pub(crate) fn rest(&self) -> Option<&NodeArgument> {
        self.arguments
            .iter()
            .find(|argument| argument.source == ArgumentSource::Rest)
    }

    /// Whether an argument takes the events of the call.
    pub(crate) fn takes_events(&self) -> bool {
        self.arguments
            .iter()
            .any(|argument| matches!(argument.source, ArgumentSource::Events { .. }))
    }
}

/// The default of an argument.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful of these live for the time of one expansion"
)]
pub(crate) enum ArgumentDefault {
    /// `#[slot(default)]`: what the type says.
    OfType,
    /// `#[slot(default = "text")]`.
    Text(LitStr),
    /// `#[slot(default = expression)]`.
    Expr(Expr),
}

/// What is returned, or yielded.
#[derive(Debug)]
pub(crate) struct CallOutput {
    /// The type; for a `Result<T, E>` the `T`.
    pub(crate) ty: Type,
    /// What it fails with, if it is a `Result`.
    pub(crate) fallible: Option<Fallible>,
}

/// A `Result`.
#[derive(Debug)]
pub(crate) struct Fallible {
    /// As it is written.
    pub(crate) ty: Type,
    /// The `E`, if it is written (in `std::io::Result<T>` it is not).
    pub(crate) error: Option<Type>,
}

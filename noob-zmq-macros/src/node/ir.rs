//! Description of a checked node type, which `expand` prints.

use syn::{Attribute, Expr, Ident, LitStr, Type};

/// Node type.
#[derive(Debug)]
pub(crate) struct Node {
    /// Name of the function or type; its span is the place of the node.
    pub(crate) ident: Ident,
    /// `name = ".."`.
    pub(crate) name: Option<LitStr>,
    /// `signal = ".."`.
    pub(crate) signal: Option<LitStr>,
    /// `stateful` or `stateful = ..`.
    pub(crate) stateful: Option<bool>,
    /// First paragraph of the doc comment.
    pub(crate) doc: String,
    /// `#[cfg]`s and `#[allow]`s of the item.
    pub(crate) cfgs: Vec<Attribute>,
    /// Form of the node.
    pub(crate) shape: Shape,
}

/// Form of a node.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful of these live for the time of one expansion"
)]
pub(crate) enum Shape {
    /// Function that is called once an epoch.
    Function(Callable),
    /// Function that is called once; its iterator is advanced once an epoch.
    Source { call: Callable, item: CallOutput },
    /// Value that is made once; a method is called once an epoch.
    Class(Box<Class>),
}

/// `impl` block of a node.
#[derive(Debug)]
pub(crate) struct Class {
    /// Type of the value.
    pub(crate) ty: Type,
    /// `fn new`.
    pub(crate) new: Callable,
    /// `#[process]` method.
    pub(crate) process: Callable,
    /// `#[init]` method.
    pub(crate) init: Option<Callable>,
    /// `#[deinit]` method.
    pub(crate) deinit: Option<Callable>,
    /// `#[snapshot]` and `#[restore]` methods.
    pub(crate) checkpointing: Option<Checkpointing>,
}

/// Methods that take the state of a value from one process to the next.
#[derive(Debug)]
pub(crate) struct Checkpointing {
    /// `#[snapshot]` method.
    pub(crate) snapshot: Callable,
    /// `#[restore]` method.
    pub(crate) restore: Callable,
    /// Type of the state: that of the argument of the `#[restore]` method.
    pub(crate) state: Type,
}

/// Function or method that the expansion calls.
#[derive(Debug)]
pub(crate) struct Callable {
    /// Name.
    pub(crate) ident: Ident,
    /// Whether the function is `async`.
    pub(crate) is_async: bool,
    /// Arguments, without `self`.
    pub(crate) arguments: Vec<NodeArgument>,
    /// Result.
    pub(crate) output: CallOutput,
}

/// Argument of a function or method.
#[derive(Debug)]
pub(crate) struct NodeArgument {
    /// Name.
    pub(crate) ident: Ident,
    /// Origin of its value.
    pub(crate) source: ArgumentSource,
    /// Type; for an `Option<T>` the `T`, for a reference the type that it refers to.
    pub(crate) ty: Type,
    /// Whether the type is an `Option<T>`.
    pub(crate) optional: bool,
    /// Element type of a `&[T]` of numbers; the type then is a `Vec<T>`.
    pub(crate) slice: Option<Type>,
    /// Default of the slot or parameter.
    pub(crate) default: Option<ArgumentDefault>,
}

/// Origin of the value of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArgumentSource {
    /// Slot or parameter of its name.
    Named,
    /// Slots or parameters of all other names: `#[slot(rest)]`.
    Rest,
    /// Epoch of the call.
    Epoch { reference: bool },
    /// Events of the call.
    Events { reference: bool },
}

impl Callable {
    /// Returns the arguments that are slots or parameters of their own name, in order.
    pub(crate) fn named(&self) -> impl Iterator<Item = &NodeArgument> {
        self.arguments
            .iter()
            .filter(|argument| argument.source == ArgumentSource::Named)
    }

    /// Returns the argument that takes all other names.
    pub(crate) fn rest(&self) -> Option<&NodeArgument> {
        self.arguments
            .iter()
            .find(|argument| argument.source == ArgumentSource::Rest)
    }

    /// Returns whether an argument takes the events of the call.
    pub(crate) fn takes_events(&self) -> bool {
        self.arguments
            .iter()
            .any(|argument| matches!(argument.source, ArgumentSource::Events { .. }))
    }
}

/// Default of an argument.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful of these live for the time of one expansion"
)]
pub(crate) enum ArgumentDefault {
    /// Default of the type: `#[slot(default)]`.
    OfType,
    /// `#[slot(default = "text")]`.
    Text(LitStr),
    /// `#[slot(default = expression)]`.
    Expr(Expr),
}

/// Result of a call, or item of an iterator.
#[derive(Debug)]
pub(crate) struct CallOutput {
    /// Type; for a `Result<T, E>` the `T`.
    pub(crate) ty: Type,
    /// Error, if the type is a `Result`.
    pub(crate) fallible: Option<Fallible>,
}

/// `Result` type.
#[derive(Debug)]
pub(crate) struct Fallible {
    /// Type as written.
    pub(crate) ty: Type,
    /// `E`, if it is written (in `std::io::Result<T>` it is not).
    pub(crate) error: Option<Type>,
}

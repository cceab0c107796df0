//! Description of a node type, before a node is made.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

use super::{Argument, Call, Node, NodeError, Signal, instance};
use crate::declare::{setters, words};
use crate::graph::{Map, Name};

/// A node type of this program; created and registered by `#[node]`.
///
/// Built only by its `const` functions, so that it can be a `static` and can get more fields.
#[derive(Debug)]
#[non_exhaustive]
pub struct NodeType {
    /// The module it was written in, as `module_path!()` gives it.
    pub module: &'static str,
    /// The name of the function or type.
    pub ident: &'static str,
    /// Name in tubes, if `#[node(name = "..")]` sets one; otherwise `module` and `ident`, joined by
    /// dots.
    pub given_name: Option<&'static str>,
    /// The first paragraph of its doc comment.
    pub doc: &'static str,
    /// Function, source or class.
    pub kind: NodeKind,
    /// Arguments that `params:` of a tube may set; for a function, the same as `slots`.
    pub params: &'static [Argument],
    /// Arguments that `depends:` of a tube may feed, in their order; none for a source.
    pub slots: &'static [Argument],
    /// The argument for slots of any other name, if there is one.
    pub more_slots: Option<&'static Argument>,
    /// The argument for parameters of any other name, if there is one; for a function, the same as
    /// `more_slots`.
    pub more_params: Option<&'static Argument>,
    /// Signals that a node of the type emits.
    pub signals: &'static [Signal],
    /// Whether a call is given the events that feed it, and not only their values.
    pub events: bool,
    /// Whether nodes keep state between calls, so that their calls must be in the order of the
    /// epochs.
    pub stateful: bool,
    /// Whether the state of a node can be restored in another process; see [`Node::snapshot`].
    pub restorable: bool,
    /// Whether it takes positional items beyond its slots; see [`Call::more_positional`].
    pub more_positional: bool,
    /// Whether nodes run on the main thread of their process, where they have a process of their
    /// own.
    pub main_thread: bool,
    /// Source location in Rust; see [`place`](Self::place).
    pub location: &'static Location<'static>,
    pub(super) shape: Option<ShapeBy>,
    pub(super) defined_at: Option<&'static str>,
    pub(super) make: Make,
}

/// Slots and signals of a node that follow from its `params`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// Slots that must be fed, by name; see [`Call::named`].
    pub slots: Vec<Name>,
    /// Signals that the node emits; see [`Call::emit_on`].
    pub signals: Vec<Name>,
}

words! {
    /// Syntax of a node.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum NodeKind {
        /// A function: called for each epoch.
        Function = "function",
        /// A function that returns an iterator: advanced for each epoch, takes no `depends`.
        Source = "source",
        /// An `impl` block: built once, its `#[process]` method called for each epoch.
        Class = "class",
    }
}

/// Function that makes a node of a type that is made at run time.
pub(super) type MakeNode =
    dyn Fn(&'static NodeType, &Map) -> Result<Box<dyn Node>, NodeError> + Send + Sync;

/// Function that returns the slots and signals that follow from `params`.
pub(super) type MakeShape = dyn Fn(&Map) -> Result<Shape, NodeError> + Send + Sync;

/// Source of the slots and signals that follow from `params`.
#[derive(Clone, Copy)]
pub(super) enum ShapeBy {
    Function(fn(&Map) -> Shape),
    Closure(&'static MakeShape),
}

/// Constructor of nodes.
#[derive(Clone, Copy)]
pub(super) enum Make {
    /// Calls this.
    Call(fn(&mut Call<'_>) -> Result<(), NodeError>),
    /// Function that returns a node, without starting anything.
    Live(fn(&'static NodeType, &Map) -> Box<dyn Node>),
    /// The same of a type that is made at run time.
    Closure(&'static MakeNode),
}

impl fmt::Debug for ShapeBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShapeBy")
    }
}

impl fmt::Debug for Make {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call(_) => "Call",
            Self::Live(_) => "Live",
            Self::Closure(_) => "Closure",
        })
    }
}

impl NodeType {
    /// A function that `call` calls.
    #[must_use]
    pub const fn function(
        ident: &'static str,
        module: &'static str,
        location: &'static Location<'static>,
        call: fn(&mut Call<'_>) -> Result<(), NodeError>,
    ) -> Self {
        Self::new(
            NodeKind::Function,
            ident,
            module,
            location,
            Make::Call(call),
        )
    }

    /// A source, made by `make` (see `noob_zmq::__private::source`).
    #[must_use]
    pub const fn source(
        ident: &'static str,
        module: &'static str,
        location: &'static Location<'static>,
        make: fn(&'static Self, &Map) -> Box<dyn Node>,
    ) -> Self {
        Self::new(NodeKind::Source, ident, module, location, Make::Live(make)).stateful(true)
    }

    /// Describes an asset, which has the name, location and parameters of a node type.
    #[must_use]
    pub const fn of_asset(
        ident: &'static str,
        module: &'static str,
        location: &'static Location<'static>,
    ) -> Self {
        Self::function(ident, module, location, |call| {
            Err(NodeError::new(format!(
                "`{}` is an asset, and cannot be called as a node",
                call.node().name()
            )))
        })
    }

    /// A class.
    #[must_use]
    pub const fn class<C: super::Class>(
        ident: &'static str,
        module: &'static str,
        location: &'static Location<'static>,
    ) -> Self {
        Self::new(
            NodeKind::Class,
            ident,
            module,
            location,
            Make::Live(instance::class::<C>),
        )
        .stateful(true)
    }

    pub(super) const fn new(
        kind: NodeKind,
        ident: &'static str,
        module: &'static str,
        location: &'static Location<'static>,
        make: Make,
    ) -> Self {
        Self {
            module,
            ident,
            given_name: None,
            doc: "",
            kind,
            params: &[],
            slots: &[],
            more_slots: None,
            more_params: None,
            signals: &[],
            events: false,
            stateful: false,
            restorable: false,
            more_positional: false,
            main_thread: false,
            shape: None,
            location,
            defined_at: None,
            make,
        }
    }

    /// Placeholder for a node type that does not exist, in the expansion of `tube!`.
    pub(crate) const fn not_found() -> Self {
        Self::function("", "", Location::caller(), |_| Ok(()))
    }

    setters! {
        /// The name in tubes, in place of `module` and `ident`.
        named(name: &'static str) => given_name = Some(name);
        /// The first paragraph of the doc comment.
        doc(doc: &'static str) => doc = doc;
        /// Sets the arguments of a function, which `params:` may set and `depends:` may feed.
        arguments(arguments: &'static [Argument]) => params = arguments, slots = arguments;
        /// Sets the arguments that `params:` may set.
        params(params: &'static [Argument]) => params = params;
        /// Sets the arguments that `depends:` may feed.
        slots(slots: &'static [Argument]) => slots = slots;
        /// Sets the argument of a function for slots and parameters of any other name.
        more_arguments(rest: &'static Argument) =>
            more_params = Some(rest), more_slots = Some(rest);
        /// Sets the argument for parameters of any other name.
        more_params(rest: &'static Argument) => more_params = Some(rest);
        /// Sets the argument for slots of any other name.
        more_slots(rest: &'static Argument) => more_slots = Some(rest);
        /// Asks for the events behind the values of each call.
        events() => events = true;
        /// Sets the signals.
        signals(signals: &'static [Signal]) => signals = signals;
        /// Sets whether nodes keep state between calls.
        stateful(stateful: bool) => stateful = stateful;
        /// Has a live node that gives and takes snapshots; see [`Node::snapshot`].
        restorable() => restorable = true;
        /// Takes positional items beyond its slots, which [`Call::more_positional`] gives.
        more_positional() => more_positional = true;
        /// Runs on the main thread of its process, as some libraries for windows and devices ask
        /// for.
        main_thread() => main_thread = true;
        /// Has more slots and signals, which follow from the `params`.
        shape(shape: fn(&Map) -> Shape) => shape = Some(ShapeBy::Function(shape));
    }

    /// Its name in tubes.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self.given_name {
            Some(name) => Cow::Borrowed(name),
            // A module that is called by a word of Rust's, `r#mod`, is `mod` in a tube.
            None => {
                let module = self.module.replace("::", ".").replace("r#", "");
                Cow::Owned(format!("{module}.{}", self.ident))
            }
        }
    }

    /// Returns the place of its source: `file:line`, and the column where it is known.
    #[must_use]
    pub fn place(&self) -> String {
        self.defined_at
            .map_or_else(|| self.location.to_string(), str::to_owned)
    }

    /// Returns the additional slots and signals of a node with these `params`.
    ///
    /// # Errors
    /// The error of a type that is made at run time.
    pub(super) fn shape_with(&self, params: &Map) -> Result<Shape, NodeError> {
        match self.shape {
            None => Ok(Shape::default()),
            Some(ShapeBy::Function(shape)) => Ok(shape(params)),
            Some(ShapeBy::Closure(shape)) => shape(params),
        }
    }

    /// Creates a node, without running user code before [`Node::init`].
    ///
    /// # Errors
    /// A parameter that the type does not have, and the error of a type that is made at run time.
    pub fn build(&'static self, params: &Map) -> Result<Box<dyn Node>, NodeError> {
        let known = |key: &str| {
            self.more_params.is_some() || self.params.iter().any(|param| param.name == key)
        };
        if let Some(unknown) = params.keys().find(|key| !known(key)) {
            let known: Vec<_> = self
                .params
                .iter()
                .map(|param| format!("`{}`", param.name))
                .collect();
            let known = if known.is_empty() {
                "no parameters".to_owned()
            } else {
                known.join(", ")
            };
            return Err(NodeError::new(format!(
                "node type `{}` has no parameter `{unknown}`; it has {known}",
                self.name()
            )));
        }
        Ok(match self.make {
            Make::Call(call) => instance::function(self, call, params),
            Make::Live(make) => make(self, params),
            Make::Closure(make) => make(self, params)?,
        })
    }
}

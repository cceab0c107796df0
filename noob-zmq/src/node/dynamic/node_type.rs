//! Node types that are made at run time.

use std::fmt;
use std::panic::Location;

use super::{DynamicArgument, leaked};
use crate::graph::{Map, TypeShape};
use crate::node::argument::ShapeOf;
use crate::node::node_type::{Make, MakeNode, MakeShape, ShapeBy};
use crate::node::{Argument, Node, NodeError, NodeKind, NodeType, Shape, Signal};

/// A node type that is made at run time, before it is [leaked](Self::leak).
///
/// ```
/// use std::sync::Arc;
///
/// use noob_zmq::graph::{Emit, Map, TypeShape, Value};
/// use noob_zmq::node::{
///     DynamicArgument, Inputs, Node, NodeError, NodeKind, NodeType, Outputs, Registry, TypeSource,
/// };
///
/// /// Adds a number that the name of the type has.
/// struct Add(i64);
///
/// impl Node for Add {
///     fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
///         let value = inputs.named.get("value").and_then(Value::as_i64);
///         let value = value.ok_or_else(|| NodeError::new("`value` is no integer"))?;
///         outputs.emit("value", Emit::Value(Value::Int(value + self.0)));
///         Ok(())
///     }
/// }
///
/// /// Provides `add.N` for every number N.
/// struct Adders;
///
/// impl TypeSource for Adders {
///     fn node_type(&self, name: &str) -> Result<Option<&'static NodeType>, NodeError> {
///         let Some(number) = name.strip_prefix("add.") else {
///             return Ok(None);
///         };
///         let number: i64 = number.parse()?;
///         let make = move |_: &'static NodeType, _: &Map| {
///             Ok(Box::new(Add(number)) as Box<dyn Node>)
///         };
///         let int = TypeShape::Int(None);
///         let node_type = NodeType::dynamic(NodeKind::Function, name, make)
///             .slot(DynamicArgument::new("value", "int").shape(int.clone()))
///             .signal("value", "int", int);
///         // A source for real use keeps the type for the next question.
///         Ok(Some(node_type.leak()))
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::get()?.clone().with_source(Arc::new(Adders));
/// assert_eq!(registry.lookup("add.5")?.name(), "add.5");
/// assert!(registry.lookup("add.five").is_err());
/// # Ok(())
/// # }
/// ```
#[must_use = "a type is of use once it is leaked"]
pub struct DynamicNodeType {
    kind: NodeKind,
    name: String,
    doc: String,
    at: Option<String>,
    params: Vec<Argument>,
    slots: Vec<Argument>,
    more_params: Option<Argument>,
    more_slots: Option<Argument>,
    more_positional: bool,
    signals: Vec<Signal>,
    events: bool,
    stateful: bool,
    restorable: bool,
    main_thread: bool,
    shape: Option<Box<MakeShape>>,
    make: Box<MakeNode>,
    location: &'static Location<'static>,
}

impl NodeType {
    /// Returns a type that is made at run time; `make` creates a node, and runs no user code before
    /// [`Node::init`].
    ///
    /// Sources and classes keep state between calls unless
    /// [`stateful`](DynamicNodeType::stateful) says otherwise.
    #[track_caller]
    pub fn dynamic<F>(kind: NodeKind, name: impl Into<String>, make: F) -> DynamicNodeType
    where
        F: Fn(&'static Self, &Map) -> Result<Box<dyn Node>, NodeError> + Send + Sync + 'static,
    {
        DynamicNodeType {
            kind,
            name: name.into(),
            doc: String::new(),
            at: None,
            params: Vec::new(),
            slots: Vec::new(),
            more_params: None,
            more_slots: None,
            more_positional: false,
            signals: Vec::new(),
            events: false,
            stateful: kind != NodeKind::Function,
            restorable: false,
            main_thread: false,
            shape: None,
            make: Box::new(make),
            location: Location::caller(),
        }
    }

    /// Returns the description of an asset type that is made at run time: its name, its place and
    /// its parameters.
    #[track_caller]
    pub fn dynamic_asset(name: impl Into<String>) -> DynamicNodeType {
        Self::dynamic(NodeKind::Function, name, |node, _| {
            Err(NodeError::new(format!(
                "`{}` is an asset, and cannot be a node",
                node.name()
            )))
        })
    }
}

impl DynamicNodeType {
    /// Sets the documentation.
    pub fn doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = doc.into();
        self
    }

    /// Sets the place of its source, such as `nodes.py:12`.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = Some(place.into());
        self
    }

    /// Adds an argument that `depends:` may feed and `params:` may set, as those of a function.
    pub fn argument(mut self, argument: DynamicArgument) -> Self {
        let argument = argument.leak();
        self.params.push(argument);
        self.slots.push(argument);
        self
    }

    /// Adds an argument that `depends:` may feed.
    pub fn slot(mut self, argument: DynamicArgument) -> Self {
        self.slots.push(argument.leak());
        self
    }

    /// Adds an argument that `params:` may set.
    pub fn param(mut self, argument: DynamicArgument) -> Self {
        self.params.push(argument.leak());
        self
    }

    /// Sets the argument for slots of any other name; such slots are optional.
    pub fn more_slots(mut self, argument: DynamicArgument) -> Self {
        self.more_slots = Some(argument.leak());
        self
    }

    /// Sets the argument for parameters of any other name.
    pub fn more_params(mut self, argument: DynamicArgument) -> Self {
        self.more_params = Some(argument.optional().leak());
        self
    }

    /// Takes positional items beyond its slots.
    pub const fn more_positional(mut self) -> Self {
        self.more_positional = true;
        self
    }

    /// Adds a signal, whose type is written `type_name` and whose values have this shape.
    pub fn signal(
        mut self,
        name: impl Into<String>,
        type_name: impl Into<String>,
        shape: TypeShape,
    ) -> Self {
        let mut signal = Signal::new(leaked(name.into()), leaked(type_name.into()));
        signal.shape = ShapeOf::Known(Box::leak(Box::new(shape)));
        self.signals.push(signal);
        self
    }

    /// Has more slots and signals, which follow from the `params`; the report of the tube shows an
    /// error of the function.
    pub fn shape(
        mut self,
        shape: impl Fn(&Map) -> Result<Shape, NodeError> + Send + Sync + 'static,
    ) -> Self {
        self.shape = Some(Box::new(shape));
        self
    }

    /// Sets whether nodes keep state between calls.
    pub const fn stateful(mut self, stateful: bool) -> Self {
        self.stateful = stateful;
        self
    }

    /// Asks for the events behind the values of each call.
    pub const fn events(mut self) -> Self {
        self.events = true;
        self
    }

    /// Has nodes that give and take snapshots; see [`Node::snapshot`].
    pub const fn restorable(mut self) -> Self {
        self.restorable = true;
        self
    }

    /// Has nodes that run on the main thread of their process; see [`NodeType::main_thread`].
    pub const fn main_thread(mut self) -> Self {
        self.main_thread = true;
        self
    }

    /// Makes the type, which lives as long as the program: make one for each name.
    #[must_use]
    pub fn leak(self) -> &'static NodeType {
        Box::leak(Box::new(self.build()))
    }

    /// Makes the type from parts that live as long as the program.
    pub(crate) fn build(self) -> NodeType {
        let name = leaked(self.name);
        let make = Make::Closure(Box::leak(self.make));
        let (module, ident) = name.rsplit_once('.').unwrap_or(("", name));
        let mut made = NodeType::new(self.kind, ident, module, self.location, make)
            .named(name)
            .doc(leaked(self.doc))
            .params(self.params.leak())
            .slots(self.slots.leak())
            .signals(self.signals.leak())
            .stateful(self.stateful);
        made.more_params = self.more_params.map(|rest| &*Box::leak(Box::new(rest)));
        made.more_slots = self.more_slots.map(|rest| &*Box::leak(Box::new(rest)));
        made.more_positional = self.more_positional;
        made.events = self.events;
        made.restorable = self.restorable;
        made.main_thread = self.main_thread;
        made.defined_at = self.at.map(leaked);
        made.shape = self.shape.map(|shape| ShapeBy::Closure(Box::leak(shape)));
        made
    }
}

impl fmt::Debug for DynamicNodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicNodeType")
            .field("kind", &self.kind)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

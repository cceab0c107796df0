//! What is known of every node type before one is made, and where the types are found.

use super::{Node, NodeError};
use crate::graph::{Map, Value};

/// A kind of node that this program has: registered by `#[node]` through `inventory`.
#[derive(Debug)]
pub struct NodeType {
    /// The module it was written in, as `module_path!()` gives it.
    pub module: &'static str,
    /// The name of the function or type.
    pub ident: &'static str,
    /// The name in tubes, if `#[node(name = "..")]` gives one; otherwise `module` and `ident`, joined by dots.
    pub name: Option<&'static str>,
    /// First paragraph of its doc comment.
    pub doc: &'static str,
    /// Function, source or class.
    pub kind: NodeKind,
    /// What `params:` of a tube may set (for a function: the same arguments as `slots`).
    pub params: &'static [Param],
    /// What `depends:` of a tube may feed, in the order of the arguments.
    pub slots: &'static [Slot],
    /// What it says.
    pub signals: &'static [Signal],
    /// Whether it keeps state between calls, so that its calls must come in the order of the epochs.
    pub stateful: bool,
    /// Where it is written.
    pub location: Location,
    /// Makes a live node from the `params` of the tube.
    pub build: fn(&Map) -> Result<Box<dyn Node>, NodeError>,
}

/// How a node is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeKind {
    /// A function: called for each epoch.
    Function,
    /// A function that returns an iterator: advanced for each epoch, takes no `depends`.
    Source,
    /// An `impl` block: built once, its `#[process]` method called for each epoch.
    Class,
}

/// Something that `params:` sets.
#[derive(Debug)]
pub struct Param {
    /// Name of the argument.
    pub name: &'static str,
    /// Its type as written.
    pub type_name: &'static str,
    /// Its default, if it has one.
    pub default: Option<fn() -> Value>,
    /// Checks that a value can become this argument; an error says why not.
    pub check: fn(&Value) -> Result<(), NodeError>,
}

/// Something that `depends:` feeds.
#[derive(Debug)]
pub struct Slot {
    /// Name of the argument.
    pub name: &'static str,
    /// Its type as written.
    pub type_name: &'static str,
    /// Whether the node runs without it when nothing happened on the signal that feeds it
    /// (an `Option<T>` argument).
    pub optional: bool,
    /// Whether it may stay unfed (it has a default, or is optional).
    pub has_default: bool,
}

/// Something a node says.
#[derive(Debug)]
pub struct Signal {
    /// Its name.
    pub name: &'static str,
    /// Its type as written.
    pub type_name: &'static str,
}

/// A place in a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

inventory::collect!(NodeType);

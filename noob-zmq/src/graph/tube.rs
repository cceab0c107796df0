//! The checked tube: what the schedulers and runners meet. It cannot be wrong; [`super::spec`] makes it from a file.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Map, Name, Value};

/// A tube that was checked in full against the node types of this program.
#[derive(Debug, Clone)]
pub struct Tube {
    /// `noob_id` of the file.
    pub id: Name,
    /// `description` of the file.
    pub description: Option<String>,
    /// The nodes, in the order of the file.
    pub nodes: IndexMap<Name, TubeNode>,
    /// Every dependency, in the order of the file. Sources may be `input` (then the signal is the name of an input).
    pub edges: Vec<Edge>,
    /// The declared inputs.
    pub inputs: IndexMap<Name, Input>,
    /// Values of the tube-scoped inputs: those given, and the defaults of those not given.
    pub tube_input: Map,
    /// The text that it was made from.
    pub source: Source,
    /// The texts of the tubes that it extends, near or far.
    pub parents: Vec<Source>,
}

/// A node of a tube.
#[derive(Debug, Clone)]
pub struct TubeNode {
    /// Its name in the tube.
    pub id: Name,
    /// The `type` as written.
    pub type_name: Name,
    /// An ordinary node, or one that the runner treats in its own way.
    pub kind: TubeNodeKind,
    /// `params`, with `input.x` replaced by its value.
    pub params: Map,
    /// Whether it runs at all.
    pub enabled: bool,
    /// Whether its calls must come in the order of the epochs: the type's own answer, unless the tube says otherwise.
    pub stateful: bool,
    /// What may be fed, with the names used in this tube.
    pub slots: Vec<SlotInfo>,
    /// What it says.
    pub signals: Vec<Name>,
    /// Where it stands in the file.
    pub place: Place,
}

/// What a node is to the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TubeNodeKind {
    /// Found in the registry.
    Typed,
    /// `type: return`: collects the result of an epoch; has no process of its own.
    Return,
    /// `type: map`.
    Map,
    /// `type: gather`.
    Gather,
    /// `type: tube`.
    Tube,
}

/// A slot, as the scheduler needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotInfo {
    /// Its name.
    pub name: Name,
    /// Whether the node runs without it when nothing happened on what feeds it.
    pub optional: bool,
}

/// One dependency: a signal of a node feeds a slot of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The node that says it; `input` for an input of the tube.
    pub source_node: Name,
    /// The signal, or the name of the input.
    pub source_signal: Name,
    /// The node that hears it.
    pub target_node: Name,
    /// Where it goes there.
    pub target_slot: SlotRef,
    /// Whether the target waits for a value (true), or runs without it when nothing happened (false).
    pub required: bool,
}

/// Where an edge ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SlotRef {
    /// `depends: a.value`: the first positional argument.
    Scalar,
    /// `depends: [a.value, ..]`: by position among the positional items, from 0.
    Position(usize),
    /// `depends: [{slot: a.value}]`.
    Name(Name),
}

/// A declared input.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Its name.
    pub name: Name,
    /// `type`, as written.
    pub type_name: String,
    /// Given once, or anew for each `process`.
    pub scope: InputScope,
    /// Its default, if there is one.
    pub default: Option<Value>,
    /// Whether it may stay without a value.
    pub optional: bool,
    /// Where it stands in the file.
    pub place: Place,
}

/// When an input is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputScope {
    /// Once, when the tube is made.
    Tube,
    /// With each `process`.
    Process,
}

/// A place in a tube file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// Which text: 0 is [`Tube::source`], `n` is `Tube::parents[n - 1]`.
    pub file: usize,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Bytes from the start of the text.
    pub offset: usize,
    /// Length in bytes.
    pub len: usize,
}

/// A tube file: its name and its text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Source {
    /// Path, or a name for a text that came from elsewhere.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
}

impl Source {
    /// A text under a name: its path, or what people shall read in front of `:line:column`.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

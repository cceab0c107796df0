//! The checked tube, from which schedulers and runners are made.
//!
//! A tube is consistent: [`super::spec`] creates one only from a file without errors.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::spec::Diagnostic;
use super::{
    AssetScope, EdgePolicy, InputScope, Map, Name, Place, Source, Supervision, TubeNodeKind,
    TypeShape, Value,
};

/// A tube that was checked in full against the node types of this program.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Tube {
    /// `noob_id` of the file.
    pub id: Name,
    /// `description` of the file.
    pub description: Option<String>,
    /// The nodes, in the order of the file.
    pub nodes: IndexMap<Name, TubeNode>,
    /// Every dependency, in the order of the file.
    ///
    /// The source may be `input`; then the signal is the name of an input.
    pub edges: Vec<Edge>,
    /// The declared inputs.
    pub inputs: IndexMap<Name, Input>,
    /// The declared assets.
    pub assets: IndexMap<Name, TubeAsset>,
    /// Values of the tube-scoped inputs: those given, and the defaults of those not given.
    pub tube_input: Map,
    /// The text that it was made from.
    pub source: Source,
    /// The texts of the tubes that it extends, near or far.
    pub parents: Vec<Source>,
    /// Constructs that are allowed, but probably not intended.
    pub warnings: Vec<Diagnostic>,
    /// Signals whose values the runner records.
    pub(crate) recorded: Vec<(Name, Name)>,
    /// The types that it was checked against, for those who make its nodes.
    pub(crate) types: SharedTypes,
}

/// Types that a tube was checked against, of a kind that this module does not know.
#[derive(Clone, Default)]
pub(crate) struct SharedTypes(Option<Arc<dyn Any + Send + Sync>>);

impl SharedTypes {
    /// Returns the types, if they are of this kind.
    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        self.0.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for SharedTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedTypes")
    }
}

impl Tube {
    /// Records the types that the tube was checked against, in the tubes inside too.
    pub(crate) fn set_types(&mut self, types: Arc<dyn Any + Send + Sync>) {
        for node in self.nodes.values_mut() {
            if let Some(child) = &mut node.child {
                Arc::make_mut(child).set_types(Arc::clone(&types));
            }
        }
        self.types = SharedTypes(Some(types));
    }

    /// The node of `type: return`.
    #[must_use]
    pub fn return_node(&self) -> Option<&TubeNode> {
        self.nodes
            .values()
            .find(|node| node.kind == TubeNodeKind::Return)
    }

    /// `file:line:column` of a place in it, for messages.
    #[must_use]
    pub fn at(&self, place: Place) -> String {
        let source = match place.file {
            0 => Some(&self.source),
            file => self.parents.get(file - 1),
        };
        source.unwrap_or(&self.source).at(place)
    }

    /// `file:line:column` of a node, for messages.
    #[must_use]
    pub fn node_at(&self, id: &str) -> Option<String> {
        self.nodes.get(id).map(|node| self.at(node.place))
    }

    /// The dependencies of a node, in the order of the file.
    pub fn upstream<'t>(&'t self, id: &str) -> impl Iterator<Item = &'t Edge> {
        self.edges
            .iter()
            .filter(move |edge| &*edge.target_node == id)
    }

    /// Returns the nodes that can run, in generations: each depends only on nodes of earlier ones.
    ///
    /// Disabled nodes, and all that depend on one, are in none.
    #[must_use]
    pub fn generations(&self) -> Vec<Vec<Name>> {
        let mut waits: IndexMap<&str, usize> = self.nodes.keys().map(|id| (&**id, 0)).collect();
        let mut feeds: HashMap<&str, Vec<&str>> = HashMap::new();
        for edge in self
            .edges
            .iter()
            .filter(|edge| self.nodes.contains_key(&edge.source_node))
        {
            *waits.entry(&edge.target_node).or_default() += 1;
            feeds
                .entry(&edge.source_node)
                .or_default()
                .push(&edge.target_node);
        }
        let runs = |id: &str| self.nodes.get(id).is_some_and(|node| node.enabled);
        let mut generations = Vec::new();
        let mut ready: Vec<&str> = waits
            .iter()
            .filter(|(id, open)| **open == 0 && runs(id))
            .map(|(id, _)| *id)
            .collect();
        while !ready.is_empty() {
            let mut next = Vec::new();
            for id in ready
                .iter()
                .flat_map(|id| feeds.get(id).into_iter().flatten())
            {
                if let Some(open) = waits.get_mut(*id) {
                    *open -= 1;
                    if *open == 0 && runs(id) {
                        next.push(*id);
                    }
                }
            }
            next.sort_by_key(|id| self.nodes.get_index_of(*id));
            let generation = std::mem::replace(&mut ready, next);
            generations.push(generation.into_iter().map(Name::from).collect());
        }
        generations
    }
}

/// A node of a tube.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
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
    /// Whether calls must be in the order of the epochs: as the tube says, or else the type.
    pub stateful: bool,
    /// Whether a snapshot of the node can be restored in another process.
    pub restorable: bool,
    /// Policy for failures of the node.
    pub supervision: Supervision,
    /// Slots that may be fed, with the names of this tube.
    pub slots: Vec<SlotInfo>,
    /// Signals that the node emits.
    pub signals: Vec<Name>,
    /// Whether a call is given the events that feed it, and not only their values.
    pub events: bool,
    /// The tube inside a node of `type: tube`.
    pub child: Option<Arc<Tube>>,
    /// The record that takes the place of the node.
    pub(crate) replay: Option<ReplaySource>,
    /// `description`, as written.
    pub description: Option<String>,
    /// Location in the file.
    pub place: Place,
}

/// Record that takes the place of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReplaySource {
    /// Absolute path of the file.
    pub(crate) file: String,
    /// Whether the events come at the intervals at which they were recorded.
    pub(crate) real_time: bool,
    /// Whether the node is a source; otherwise a map calls it for each item.
    pub(crate) is_source: bool,
    /// Sources above the node in the recorded tube, and the node itself if it was one: the replay
    /// ends where the first of them has ended.
    pub(crate) sources: Vec<Name>,
}

/// A slot, as the scheduler uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlotInfo {
    /// Its name.
    pub name: Name,
    /// Whether the node runs without it when nothing happened on what feeds it.
    pub optional: bool,
}

impl SlotInfo {
    /// Creates the description of a slot.
    pub fn new(name: impl Into<Name>, optional: bool) -> Self {
        let name = name.into();
        Self { name, optional }
    }
}

/// A dependency: a signal of a node that feeds a slot of another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Edge {
    /// The node that emits the signal; `input` for an input of the tube.
    pub source_node: Name,
    /// The signal, or the name of the input.
    pub source_signal: Name,
    /// The node that receives the signal.
    pub target_node: Name,
    /// The slot of that node.
    pub target_slot: SlotRef,
    /// Whether the target waits for a value (true), or runs without it if the signal is nothing
    /// (false).
    pub required: bool,
    /// Policy for a target that is slower than the source.
    pub policy: EdgePolicy,
    /// Location in the file.
    pub place: Place,
}

impl Edge {
    /// Creates an edge from a signal (node, signal) to a slot (node, slot).
    pub fn new(
        (source_node, source_signal): (impl Into<Name>, impl Into<Name>),
        (target_node, target_slot): (impl Into<Name>, SlotRef),
        required: bool,
    ) -> Self {
        Self {
            source_node: source_node.into(),
            source_signal: source_signal.into(),
            target_node: target_node.into(),
            target_slot,
            required,
            ..Self::default()
        }
    }
}

/// The slot at which an edge ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SlotRef {
    /// `depends: a.value`: the first positional argument.
    #[default]
    Scalar,
    /// `depends: [a.value, ..]`: by position among the positional items, from 0.
    Position(usize),
    /// `depends: [{slot: a.value}]`.
    Name(Name),
}

/// A declared input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Input {
    /// Its name.
    pub name: Name,
    /// `type`, as written.
    pub type_name: String,
    /// Given once, or anew for each `process`.
    pub scope: InputScope,
    /// Values that `type` allows, with null where the default or `required: false` gives it.
    pub(crate) shape: TypeShape,
    /// Its default, if there is one.
    pub default: Option<Value>,
    /// Whether it may stay without a value.
    pub optional: bool,
    /// Location in the file.
    pub place: Place,
}

/// A declared asset: an object that is made for the nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TubeAsset {
    /// Its name.
    pub id: Name,
    /// The `type` as written.
    pub type_name: Name,
    /// Lifetime of the object.
    pub scope: AssetScope,
    /// `params`, with `input.x` replaced by its value.
    pub params: Map,
    /// The node and the signal whose values replace it.
    pub depends: Option<(Name, Name)>,
    /// Whether the asset is replaced by a copy, because other nodes read the same signal and may
    /// change the object.
    pub copied: bool,
    /// Location in the file.
    pub place: Place,
}

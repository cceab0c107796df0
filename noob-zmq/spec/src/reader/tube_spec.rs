//! The raw form of a tube: the contents of the text, each piece with its place.
//!
//! Nothing in it is checked against node types.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::{Data, EdgePolicy, Name, Place, Scalar, Source, Supervision, Yaml};
use crate::names::input_reference;
use crate::words;

/// A piece of a text, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The piece.
    pub value: T,
    /// Its place.
    pub place: Place,
}

impl<T> Spanned<T> {
    /// Returns a piece and its place.
    pub(super) const fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

/// Contents of a tube file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TubeSpec {
    /// The text, then those of the tubes that it extends; [`Place::file`] counts them.
    pub sources: Vec<Source>,
    /// `noob_id`.
    pub id: Spanned<Name>,
    /// `noob_model`: kept, without meaning here.
    pub model: Option<Name>,
    /// `noob_version`: kept, without meaning here.
    pub version: Option<Name>,
    /// `description`.
    pub description: Option<String>,
    /// `extends`, as written in the file itself.
    pub extends: Vec<Spanned<Name>>,
    /// `input`.
    pub inputs: IndexMap<Name, InputSpec>,
    /// `assets`.
    pub assets: IndexMap<Name, AssetSpec>,
    /// `nodes`.
    pub nodes: IndexMap<Name, NodeSpec>,
    /// Parts that could not be read and were reported, so that references to them are not.
    pub skipped: Skipped,
}

/// Parts of a tube that could not be read and were reported.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Skipped {
    /// Whether nodes may be missing.
    pub nodes: bool,
    /// Whether inputs may be missing.
    pub inputs: bool,
    /// Whether assets may be missing.
    pub assets: bool,
    /// Keys of nodes that cannot be names.
    pub names: HashSet<Name>,
}

/// An entry of `nodes`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NodeSpec {
    /// The key.
    pub id: Spanned<Name>,
    /// `type`; `None` if it could not be read.
    pub type_name: Option<Spanned<Name>>,
    /// `depends`.
    pub depends: Vec<Dependency>,
    /// Whether `depends` is a bare `node.signal`.
    pub scalar: bool,
    /// `params`.
    pub params: IndexMap<Name, ParamSpec>,
    /// `enabled`.
    pub enabled: EnabledSpec,
    /// `stateful`.
    pub stateful: Option<bool>,
    /// `restart`, `on_error` and `timeout`.
    pub supervision: Supervision,
    /// `description`.
    pub description: Option<String>,
    /// Whether a part of the node could not be read, so that missing parts are not reported.
    pub skipped: bool,
}

/// An item of `depends`: `node.signal`, and the slot that it feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dependency {
    /// The slot, if it is named.
    pub slot: Option<Spanned<Name>>,
    /// The part before the dot: a node, `input` or `assets`.
    pub node: Name,
    /// The part behind the dot.
    pub signal: Name,
    /// `policy`.
    pub policy: EdgePolicy,
    /// Place of `node.signal`.
    pub place: Place,
}

/// An entry of `params`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ParamSpec {
    /// Place of the key.
    pub key: Place,
    /// The value as written, `input.x` included.
    pub value: Yaml,
    /// Place of the value.
    pub place: Place,
    /// The value, if it is a tube that is written in place: `params: {tube: {..}}`.
    pub tube: Option<Box<TubeSpec>>,
}

/// `enabled` of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnabledSpec {
    /// A truth value; true if nothing is written.
    Always(bool),
    /// The truth of a tube-scoped input.
    Input(Spanned<Name>),
}

/// An entry of `input`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InputSpec {
    /// The key.
    pub id: Spanned<Name>,
    /// `type`: any text; the library compares values with a type whose name it knows.
    pub type_name: String,
    /// `scope`.
    pub scope: InputScope,
    /// `default`; an explicit `null` is one.
    pub default: Option<Yaml>,
    /// `required`.
    pub required: bool,
    /// `description`.
    pub description: Option<String>,
}

/// An entry of `assets`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AssetSpec {
    /// The key.
    pub id: Spanned<Name>,
    /// `type`.
    pub type_name: Option<Spanned<Name>>,
    /// `scope`; `None` if it could not be read.
    pub scope: Option<AssetScope>,
    /// `params`: a mapping or a list.
    pub params: Option<Yaml>,
    /// `depends`.
    pub depends: Option<Dependency>,
    /// `description`.
    pub description: Option<String>,
}

words! {
    /// Time at which an input is given.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
    pub enum InputScope {
        /// Once, when the tube is made.
        Tube = "tube",
        /// With each `process`.
        Process = "process",
    }
}

words! {
    /// Lifetime of an asset.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
    pub enum AssetScope {
        /// As long as the runner.
        Runner = "runner",
        /// For one `process`.
        Process = "process",
        /// For one call of a node.
        Node = "node",
    }
}

/// Treatment of a node by the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TubeNodeKind {
    /// A node whose type is found in the registry.
    #[default]
    Typed,
    /// `type: return`: collects the result of an epoch and has no process of its own.
    Return,
    /// `type: map`.
    Map,
    /// `type: gather`.
    Gather,
    /// `type: tube`.
    Tube,
}

impl TubeNodeKind {
    /// Returns the treatment of nodes of a type.
    #[must_use]
    pub fn of(type_name: &str) -> Self {
        match type_name {
            "return" => Self::Return,
            "map" => Self::Map,
            "gather" => Self::Gather,
            "tube" => Self::Tube,
            _ => Self::Typed,
        }
    }
}

impl TubeSpec {
    /// Returns the nodes of `type: return`, of which a valid tube has one at most.
    pub fn return_nodes(&self) -> impl Iterator<Item = &NodeSpec> {
        let nodes = self.nodes.values();
        nodes.filter(|node| node.kind() == TubeNodeKind::Return)
    }
}

impl NodeSpec {
    /// Returns the treatment of the node by the runner, as its type says.
    #[must_use]
    pub fn kind(&self) -> TubeNodeKind {
        let name = self.type_name.as_ref();
        name.map_or(TubeNodeKind::Typed, |name| TubeNodeKind::of(&name.value))
    }

    /// Returns the type as written; an empty text if it could not be read.
    #[must_use]
    pub fn type_text(&self) -> Name {
        let name = self.type_name.as_ref();
        name.map(|name| name.value.clone()).unwrap_or_default()
    }

    /// Returns the dependency that feeds the slot `value` of a `map` or a `gather`.
    #[must_use]
    pub fn value_source(&self) -> Option<&Dependency> {
        let mut items = self.depends.iter();
        items.find(|item| item.slot_name().is_none_or(|slot| slot == "value"))
    }

    /// Returns whether a slot is fed by its name.
    #[must_use]
    pub fn feeds_by_name(&self, slot: &str) -> bool {
        self.depends
            .iter()
            .any(|item| item.slot_name() == Some(slot))
    }
}

impl Dependency {
    /// Returns the name of the slot, if the slot is named.
    #[must_use]
    pub fn slot_name(&self) -> Option<&str> {
        self.slot.as_ref().map(|slot| &*slot.value)
    }

    /// Returns the place of the slot, or of `node.signal` if no slot is named.
    #[must_use]
    pub fn slot_place(&self) -> Place {
        self.slot.as_ref().map_or(self.place, |slot| slot.place)
    }
}

impl ParamSpec {
    /// Returns the name of the input, if the value has the form `input.name`.
    #[must_use]
    pub fn input(&self) -> Option<&str> {
        match &self.value.data {
            Data::Scalar(Scalar::Str(text), _) => input_reference(text),
            _ => None,
        }
    }
}

impl InputSpec {
    /// Returns whether the input may be left out.
    #[must_use]
    pub const fn may_be_missing(&self) -> bool {
        !self.required || self.default.is_some()
    }
}

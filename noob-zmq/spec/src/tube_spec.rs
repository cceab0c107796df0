//! The raw form of a tube: what the text says, each piece with its place, not yet checked against node types.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::graph::{AssetScope, EdgePolicy, InputScope, Name, Place, Source, Supervision, Value};

/// Something of a text, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What.
    pub value: T,
    /// Where.
    pub place: Place,
}

/// What a tube file says.
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
    /// What could not be read, and was reported: what refers to it is not reported again.
    pub(super) lost: Lost,
}

/// What could not be read of a tube.
#[derive(Debug, Clone, Default)]
pub(super) struct Lost {
    /// Nodes may be missing.
    pub(super) nodes: bool,
    /// Inputs may be missing.
    pub(super) inputs: bool,
    /// Assets may be missing.
    pub(super) assets: bool,
    /// Names of nodes that cannot be names.
    pub(super) names: HashSet<Name>,
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
    /// Whether a part of it could not be read: what seems to be missing is not reported then.
    pub(super) lost: bool,
}

/// One `node.signal` in a `depends`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dependency {
    /// The slot, if it is named.
    pub slot: Option<Spanned<Name>>,
    /// The half before the dot: a node, `input` or `assets`.
    pub node: Name,
    /// The half behind it.
    pub signal: Name,
    /// `policy`.
    pub policy: EdgePolicy,
    /// Where both stand.
    pub place: Place,
}

/// An entry of `params`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ParamSpec {
    /// Where the key stands.
    pub key: Place,
    /// The value as written, `input.x` included.
    pub value: Value,
    /// Where the value stands.
    pub place: Place,
    /// The value, if it is a tube written in place (`params: {tube: {..}}` of a node of `type: tube`).
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
    /// `type`: any text; it is not compared with values.
    pub type_name: String,
    /// `scope`.
    pub scope: InputScope,
    /// `default`; an explicit `null` is one.
    pub default: Option<Value>,
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
    pub params: Value,
    /// `depends`.
    pub depends: Option<Dependency>,
    /// `description`.
    pub description: Option<String>,
}

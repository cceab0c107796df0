//! Every mistake that a tube file can hold, and its text. What to do about each stands in `help.rs`.

use std::sync::Arc;

use crate::graph::Name;

/// One thing that is wrong with a tube, or (see [`Mistake::is_warning`]) probably not meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mistake {
    // ---- the text ----
    /// The text is larger than a tube can be.
    #[error("the text is longer than {} MiB", limit >> 20)]
    TooLong {
        /// Most bytes.
        limit: usize,
    },
    /// Not YAML.
    #[error("this is not YAML: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// The same key twice in one mapping.
    #[error("the key `{key}` stands twice in the same mapping")]
    DuplicateKey {
        /// The key.
        key: Name,
    },
    /// A second document.
    #[error("a second YAML document begins here")]
    SeveralDocuments,
    /// Nested too deeply.
    #[error("lists and mappings are nested deeper than {limit} levels")]
    TooDeep {
        /// Deepest nesting.
        limit: usize,
    },
    /// Aliases multiply the text.
    #[error("aliases (`*name`) make the file grow by more than {limit} values")]
    TooManyAliased {
        /// Most values.
        limit: usize,
    },
    /// An alias inside what it stands for.
    #[error("this alias stands inside the value that it repeats")]
    AliasOfItself,
    /// A tag that says nothing to us.
    #[error("the tag `{tag}` has no meaning here")]
    UnknownTag {
        /// The tag.
        tag: String,
    },
    /// A tag and a value that do not go together.
    #[error("`{text}` is not what its tag `{tag}` says")]
    NotOfTag {
        /// The tag.
        tag: String,
        /// The scalar.
        text: String,
    },
    /// A list or mapping as a key.
    #[error("a list or a mapping cannot be a key")]
    KeyNotScalar,
    /// `<<` with something else than a mapping.
    #[error("`<<` takes a mapping, or a list of mappings")]
    MergeOfNoMapping,

    // ---- the shape ----
    /// Nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// The file is not a mapping.
    #[error("a tube is a mapping with keys such as `noob_id` and `nodes`, not {found}")]
    NotATube {
        /// What it is.
        found: String,
    },
    /// Something of another kind than needed.
    #[error("{what} must be {expected}, not {found}")]
    WrongKind {
        /// What: "`params` of node `a`".
        what: String,
        /// "a mapping".
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A key that does not exist.
    #[error("{owner} has no key `{key}`")]
    UnknownKey {
        /// "a node", "a tube", "an input", "an asset".
        owner: &'static str,
        /// The key.
        key: Name,
        /// What may stand there.
        known: Vec<&'static str>,
    },
    /// A key that must be there.
    #[error("{owner} has no `{key}`")]
    MissingKey {
        /// "node `a`", "the tube".
        owner: String,
        /// The key.
        key: &'static str,
    },
    /// `noob_id` without a single usable character.
    #[error("`{id}` cannot be a `noob_id`")]
    BadTubeId {
        /// As written.
        id: Name,
    },
    /// `noob_model` or a `type` that is not a dotted path.
    #[error("`{name}` cannot be a `{key}`")]
    BadPath {
        /// `type` or `noob_model`.
        key: &'static str,
        /// As written.
        name: Name,
    },
    /// A name that is not an identifier.
    #[error("`{name}` cannot be the name of {what}")]
    NotAnIdentifier {
        /// "a node", "an input", "an asset", "a slot".
        what: &'static str,
        /// As written.
        name: Name,
    },
    /// A name that has a meaning of its own.
    #[error("`{name}` cannot be the name of {what}: the word is reserved")]
    Reserved {
        /// "a node", "an input", "an asset", "a slot".
        what: &'static str,
        /// As written.
        name: Name,
    },
    /// An `id` that is not the key.
    #[error("{owner} says that its `id` is `{id}`")]
    OtherId {
        /// "node `a`".
        owner: String,
        /// The `id`.
        id: Name,
    },
    /// `depends` is neither a text nor a list.
    #[error("`depends` of node `{node}` must be `node.signal` or a list of such, not {found}")]
    DependsForm {
        /// The node.
        node: Name,
        /// What it is.
        found: String,
    },
    /// An item of `depends` that is none.
    #[error("an item of `depends` must be `node.signal` or `slot: node.signal`, not {found}")]
    DependsItem {
        /// What it is.
        found: String,
    },
    /// Not `node.signal`.
    #[error("`{text}` is not of the form `node.signal`")]
    BadReference {
        /// As written.
        text: String,
    },
    /// A slot fed twice.
    #[error("slot `{slot}` of node `{node}` is fed twice")]
    SlotTwice {
        /// The node.
        node: Name,
        /// The slot.
        slot: Name,
    },
    /// `enabled` is neither a truth value nor an input.
    #[error("`enabled` of node `{node}` must be `true`, `false` or `input.name`, not {found}")]
    BadEnabled {
        /// The node.
        node: Name,
        /// What it is.
        found: String,
    },
    /// `scope` is not one of the scopes.
    #[error("{owner} has the scope `{scope}`, which does not exist")]
    BadScope {
        /// "input `a`", "asset `a`".
        owner: String,
        /// As written.
        scope: String,
        /// What may stand there.
        known: &'static [&'static str],
    },
    /// `depends` of an asset that does not live as long as the runner.
    #[error("asset `{asset}` has `depends`, but its scope is `{scope}`")]
    AssetDepends {
        /// The asset.
        asset: Name,
        /// Its scope.
        scope: String,
    },
    /// A second return node.
    #[error("a tube can have one return node; `{first}` is one already")]
    TwoReturns {
        /// The first.
        first: Name,
    },
    /// A feature of tubes that this version has not.
    #[error("{what} not supported yet")]
    NotYet {
        /// What, and "is" or "are".
        what: &'static str,
    },

    // ---- other tubes ----
    /// A tube that is not found.
    #[error("no tube is called `{name}`{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    UnknownTube {
        /// As written.
        name: Name,
        /// What the search says.
        reason: Option<String>,
        /// Nearest name.
        near: Option<Name>,
        /// Where it was looked for.
        looked: Option<String>,
    },
    /// A tube that leads back to itself.
    #[error("the tube leads back to itself: {}", arrows(chain))]
    TubeOfItself {
        /// The tubes, from the first to its repetition.
        chain: Vec<Name>,
    },
    /// Tubes inside tubes without end.
    #[error("tubes stand inside each other deeper than {limit} levels")]
    TubesTooDeep {
        /// Most.
        limit: usize,
    },
    /// Too many tubes.
    #[error("the tube extends more than {limit} others, near and far")]
    TooManyParents {
        /// Most.
        limit: usize,
    },
    /// A return node that must be written again.
    #[error("this tube extends `{parent}`, which has a return node, and has none of its own")]
    ReturnNotRepeated {
        /// The tube that has one.
        parent: Name,
    },

    // ---- what things mean ----
    /// A type that nobody registered.
    #[error("no node type is called `{name}`")]
    UnknownType {
        /// As written.
        name: Name,
        /// Nearest names.
        near: Vec<Name>,
        /// All names.
        known: Vec<Name>,
    },
    /// A node that is not there.
    #[error("node `{node}` depends on node `{missing}`, which does not exist")]
    UnknownNode {
        /// Who refers to it.
        node: Name,
        /// The name.
        missing: Name,
        /// Nearest name.
        near: Option<Name>,
        /// All names.
        known: Vec<Name>,
    },
    /// An input that is not declared.
    #[error("node `{node}` uses input `{missing}`, which is not declared")]
    UnknownInput {
        /// Who refers to it.
        node: Name,
        /// The name.
        missing: Name,
        /// Whether that is in `params`, where it may have been meant as a text.
        in_params: bool,
        /// Nearest name.
        near: Option<Name>,
    },
    /// An asset that is not declared.
    #[error("node `{node}` depends on asset `{missing}`, which is not declared")]
    UnknownAsset {
        /// Who refers to it.
        node: Name,
        /// The name.
        missing: Name,
        /// Nearest name.
        near: Option<Name>,
    },
    /// An asset type that nobody registered.
    #[error("no asset type is called `{name}`")]
    UnknownAssetType {
        /// As written.
        name: Name,
        /// Nearest names.
        near: Vec<Name>,
        /// All names.
        known: Vec<Name>,
    },
    /// Params that an asset does not take.
    #[error("the `params` of asset `{asset}` do not fit: {reason}")]
    AssetParams {
        /// The asset.
        asset: Name,
        /// Why not.
        reason: String,
    },
    /// An asset that is read when it has been replaced, or is about to be.
    #[error(
        "node `{node}` reads asset `{asset}` at the time when `{storing}` replaces it, or later"
    )]
    AssetReadLate {
        /// The asset.
        asset: Name,
        /// Who reads it.
        node: Name,
        /// Who replaces it.
        storing: Name,
    },
    /// A warning: the node that is to replace an asset is not there.
    #[error("asset `{asset}` is never replaced: there is no node `{node}`")]
    AssetNeverReplaced {
        /// The asset.
        asset: Name,
        /// The node.
        node: Name,
        /// Nearest name.
        near: Option<Name>,
    },
    /// A signal that its node does not have.
    #[error("node `{node}` ({type_name}) has no signal `{signal}`")]
    UnknownSignal {
        /// The node that should say it.
        node: Name,
        /// Its type.
        type_name: Name,
        /// The name.
        signal: Name,
        /// What it says.
        known: Vec<Name>,
        /// Nearest name.
        near: Option<Name>,
    },
    /// Somebody depends on the return node.
    #[error("nothing can depend on `{node}`: a return node says nothing to other nodes")]
    DependsOnReturn {
        /// The return node.
        node: Name,
    },
    /// A slot that its node does not have.
    #[error("node `{node}` ({type_name}) has no slot `{slot}`")]
    UnknownSlot {
        /// The node.
        node: Name,
        /// Its type.
        type_name: Name,
        /// The name.
        slot: Name,
        /// What may be fed.
        known: Vec<Name>,
        /// Nearest name.
        near: Option<Name>,
    },
    /// More items than slots.
    #[error("node `{node}` ({type_name}) takes {takes} by position, and gets {given}")]
    TooManyPositional {
        /// The node.
        node: Name,
        /// Its type.
        type_name: Name,
        /// "no values", "1 value", "3 values".
        takes: String,
        /// How many it gets.
        given: usize,
        /// The slots.
        known: Vec<Name>,
    },
    /// A slot that is fed by position and by name, or by position and by `params`.
    #[error("slot `{slot}` of node `{node}` is fed by position and {again}")]
    PositionalAndNamed {
        /// The node.
        node: Name,
        /// The slot.
        slot: Name,
        /// "by name", "set in `params`".
        again: &'static str,
    },
    /// A slot that must be fed.
    #[error("node `{node}` ({type_name}) needs a value for `{slot}`")]
    UnfedSlot {
        /// The node.
        node: Name,
        /// Its type.
        type_name: Name,
        /// The slot.
        slot: Name,
        /// Whether `params` could set it.
        param: bool,
    },
    /// A parameter that must be set.
    #[error("node `{node}` ({type_name}) needs the parameter `{param}`")]
    MissingParam {
        /// The node.
        node: Name,
        /// Its type.
        type_name: Name,
        /// The parameter.
        param: Name,
        /// Its type.
        param_type: Name,
    },
    /// A parameter that the type does not have.
    #[error("node `{node}` ({type_name}) has no parameter `{param}`")]
    UnknownParam {
        /// The node.
        node: Name,
        /// Its type.
        type_name: Name,
        /// The name.
        param: Name,
        /// What may be set.
        known: Vec<Name>,
        /// Nearest name.
        near: Option<Name>,
        /// Whether `depends` could feed it.
        slot: bool,
    },
    /// A value that a parameter cannot take.
    #[error("parameter `{param}` of node `{node}` cannot be {value}: {reason}")]
    ParamValue {
        /// The node.
        node: Name,
        /// The parameter.
        param: Name,
        /// The value, as said in messages.
        value: String,
        /// Why not.
        reason: String,
        /// The type of the parameter.
        param_type: Name,
    },
    /// A source with `depends`.
    #[error("node `{node}` ({type_name}) is a source: it takes no `depends`")]
    SourceDepends {
        /// The node.
        node: Name,
        /// Its type.
        type_name: Name,
        /// What `params` may set.
        params: Vec<Name>,
    },
    /// Nodes that wait for each other.
    #[error("these nodes wait for each other: {}", arrows(path))]
    Cycle {
        /// The nodes, each feeding the next; the first stands at the end again.
        path: Vec<Name>,
    },
    /// A node below two maps that have nothing to do with each other.
    #[error("node `{node}` is downstream of `{}` and of `{}`, two maps of which neither is downstream of the other", maps.0, maps.1)]
    TwoMaps {
        /// The node.
        node: Name,
        /// The maps.
        maps: (Name, Name),
    },
    /// An input that must be given.
    #[error("input `{input}` was not given")]
    MissingInput {
        /// The input.
        input: Name,
        /// Its type, as written.
        type_name: String,
    },
    /// An input of a tube inside this one.
    #[error("node `{node}` gives no value for input `{input}` of tube `{tube}`")]
    MissingChildInput {
        /// The node of `type: tube`.
        node: Name,
        /// The tube inside.
        tube: Name,
        /// The input.
        input: Name,
    },
    /// An input of `process` that is needed before the first `process`.
    #[error("input `{input}` has no value yet when the tube is made: its scope is `process`")]
    InputTooLate {
        /// The input.
        input: Name,
        /// "`params`", "`enabled`".
        used_in: &'static str,
    },

    /// A type that never goes where it is led.
    #[error("{0}")]
    TypeMismatch(Box<TypeEdge>),

    // ---- warnings ----
    /// A type of which not every value goes where it is led.
    #[error("{0}")]
    TypeNarrows(Box<TypeEdge>),
    /// A given input that is not declared.
    #[error("the given input `{input}` is not declared, and ignored")]
    GivenUnknown {
        /// The name.
        input: Name,
        /// Nearest name.
        near: Option<Name>,
    },
    /// An input of `process`, given for the whole tube.
    #[error("the given input `{input}` is ignored: its scope is `process`")]
    GivenTooEarly {
        /// The name.
        input: Name,
    },
    /// An input that nobody uses.
    #[error("input `{input}` is declared, and nobody uses it")]
    UnusedInput {
        /// The name.
        input: Name,
    },
    /// A value for a tube inside this one that it does not take.
    #[error("tube `{tube}` of node `{node}` ignores `{name}`: {why}")]
    IgnoredByTube {
        /// The node of `type: tube`.
        node: Name,
        /// The tube inside.
        tube: Name,
        /// The parameter or slot.
        name: Name,
        /// "it has no such input", "..".
        why: &'static str,
    },
    /// A node that waits for a disabled one.
    #[error("node `{node}` will never run: it depends on `{upstream}`, which is disabled")]
    NeverRuns {
        /// The node that waits.
        node: Name,
        /// The disabled node.
        upstream: Name,
    },
    /// A stateful node that is to be started again, and knows no more what it knew.
    #[error(
        "node `{node}` cannot be started again in the middle of a run: it is stateful, and nobody keeps what it knows"
    )]
    RestartForgets {
        /// The node.
        node: Name,
    },
    /// A gather that never says anything.
    #[error("gather `{node}` will never say anything: it has neither `n` nor `trigger`")]
    GatherNever {
        /// The node.
        node: Name,
    },
    /// A gather that fails when its trigger fires.
    #[error("gather `{node}` has both `n` and `trigger`: it fails as soon as the trigger fires")]
    GatherBoth {
        /// The node.
        node: Name,
    },
}

impl Mistake {
    /// Whether the tube can run nevertheless.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        matches!(
            self,
            Self::GivenUnknown { .. }
                | Self::GivenTooEarly { .. }
                | Self::UnusedInput { .. }
                | Self::NeverRuns { .. }
                | Self::IgnoredByTube { .. }
                | Self::RestartForgets { .. }
                | Self::GatherNever { .. }
                | Self::TypeNarrows(_)
                | Self::GatherBoth { .. }
                | Self::AssetNeverReplaced { .. }
        )
    }
}

/// A dependency between two types that do not go together, or not always.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{source_signal}` is {says}, and slot `{slot}` of node `{node}` takes `{takes}`: {reason}"
)]
pub struct TypeEdge {
    /// The signal, as `node.signal`.
    pub source_signal: String,
    /// Its type, as said in messages.
    pub says: String,
    /// The node that it feeds.
    pub node: Name,
    /// The slot that it feeds.
    pub slot: Name,
    /// The type of the slot, as written.
    pub takes: String,
    /// What does not go.
    pub reason: String,
}

fn arrows(names: &[Arc<str>]) -> String {
    names.join(" → ")
}

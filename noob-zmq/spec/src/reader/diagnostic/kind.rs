//! Kinds of diagnostics, with the text of each.

use crate::reader::Name;
use crate::reader::placement::PlacementMistake;

/// Kind of a mistake in a tube, or of something that is probably not meant
/// ([`is_warning`](Self::is_warning)).
///
/// A field has the same meaning in every kind:
///
/// - `node`, `slot`, `input`, `asset`, `tube` and `key` are names as written, and `type_name` is
///   the type of the node as written.
/// - `missing` is the name that leads nowhere, `near` the existing name that was probably meant,
///   and `known` are all that exist.
/// - `owner` and `what` describe the part that is meant ("node `a`", "`params` of node `a`"),
///   `found` its content, and `expected` the content that it should have ("a list").
/// - `limit` is the greatest number allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are explained once, for all kinds")]
pub enum DiagnosticKind {
    // ---- the text ----
    /// The text is larger than a tube can be.
    #[error("the text is longer than {} MiB", limit >> 20)]
    TooLong { limit: usize },
    /// Not YAML.
    #[error("this is not YAML: {message}")]
    Syntax { message: String },
    /// A line that is indented differently from those of its list or mapping.
    #[error(
        "this line is indented by {own}, its neighbours by {}",
        numbers(neighbours)
    )]
    Indentation { own: usize, neighbours: Vec<usize> },
    /// A byte that no text has.
    #[error("a NUL byte stands here, and a tube is a text")]
    NulByte,
    /// The same key twice in one mapping.
    #[error("the key `{key}` stands twice in the same mapping")]
    DuplicateKey { key: Name },
    /// A second document.
    #[error("a second YAML document begins here")]
    SeveralDocuments,
    /// Nested too deeply.
    #[error("lists and mappings are nested deeper than {limit} levels")]
    TooDeep { limit: usize },
    /// Aliases multiply the text.
    #[error("aliases (`*name`) make the file grow by more than {limit} values")]
    TooManyAliased { limit: usize },
    /// An alias inside what it stands for.
    #[error("this alias stands inside the value that it repeats")]
    AliasOfItself,
    /// A tag without a meaning in tubes.
    #[error("the tag `{tag}` has no meaning here")]
    UnknownTag { tag: String },
    /// A tag and a value that contradict each other.
    #[error("`{text}` is not what its tag `{tag}` says")]
    NotOfTag { tag: String, text: String },
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
    NotATube { found: String },
    /// Something of another kind than needed.
    #[error("{what} must be {expected}, not {found}")]
    WrongKind {
        what: String,
        expected: &'static str,
        found: String,
    },
    /// A key that does not exist.
    #[error("{owner} has no key `{key}`")]
    UnknownKey {
        owner: &'static str,
        key: Name,
        known: Vec<&'static str>,
    },
    /// A key that must be there.
    #[error("{owner} has no `{key}`")]
    MissingKey { owner: String, key: &'static str },
    /// `noob_id` without a single usable character.
    #[error("`{id}` cannot be a `noob_id`")]
    BadTubeId { id: Name },
    /// `noob_model` or a `type` that is not a dotted path.
    #[error("`{name}` cannot be a `{key}`")]
    BadPath { key: &'static str, name: Name },
    /// A name that is not an identifier.
    #[error("`{name}` cannot be the name of {what}")]
    NotAnIdentifier { what: &'static str, name: Name },
    /// A name that is longer than the identity of a socket.
    #[error("`{name}` cannot be the name of {what}: it has {} bytes", name.len())]
    NameTooLong { what: &'static str, name: Name },
    /// A name that has a meaning of its own.
    #[error("`{name}` cannot be the name of {what}: the word is reserved")]
    Reserved { what: &'static str, name: Name },
    /// An `id` that is not the key.
    #[error("{owner} says that its `id` is `{id}`")]
    OtherId { owner: String, id: Name },
    /// `depends` is neither a text nor a list.
    #[error("`depends` of node `{node}` must be `node.signal` or a list of such, not {found}")]
    DependsForm { node: Name, found: String },
    /// An item of `depends` that is none.
    #[error("an item of `depends` must be `node.signal` or `slot: node.signal`, not {found}")]
    DependsItem { found: String },
    /// Not `node.signal`.
    #[error("`{text}` is not of the form `node.signal`")]
    BadReference { text: String },
    /// A slot fed twice.
    #[error("slot `{slot}` of node `{node}` is fed twice")]
    SlotTwice { node: Name, slot: Name },
    /// `enabled` is neither a truth value nor an input.
    #[error("`enabled` of node `{node}` must be `true`, `false` or `input.name`, not {found}")]
    BadEnabled { node: Name, found: String },
    /// `scope` is not one of the scopes.
    #[error("{owner} has the scope `{scope}`, which does not exist")]
    BadScope {
        owner: String,
        scope: String,
        known: &'static [&'static str],
    },
    /// `depends` of an asset that does not live as long as the runner.
    #[error("asset `{asset}` has `depends`, but its scope is `{scope}`")]
    AssetDepends { asset: Name, scope: String },
    /// A second return node.
    #[error("a tube can have one return node; `{first}` is one already")]
    TwoReturns { first: Name },
    /// A feature of tubes that this version has not.
    #[error("{what} not supported yet")]
    NotYet { what: &'static str },

    // ---- other tubes ----
    /// A tube that is not found.
    #[error("{}", unknown_tube(name, reason.as_deref()))]
    UnknownTube {
        name: Name,
        reason: Option<String>,
        near: Option<Name>,
        looked: Option<String>,
    },
    /// A tube that leads back to itself.
    #[error("the tube leads back to itself: {}", arrows(chain))]
    TubeOfItself { chain: Vec<Name> },
    /// Tubes inside tubes without end.
    #[error("tubes stand inside each other deeper than {limit} levels")]
    TubesTooDeep { limit: usize },
    /// Too many tubes.
    #[error("the tube extends more than {limit} others, near and far")]
    TooManyParents { limit: usize },
    /// A return node that must be written again.
    #[error("this tube extends `{parent}`, which has a return node, and has none of its own")]
    ReturnNotRepeated { parent: Name },

    // ---- what things mean ----
    /// A type that is not registered.
    #[error("no node type is called `{name}`")]
    UnknownType {
        name: Name,
        near: Vec<Name>,
        known: Vec<Name>,
    },
    /// A type that a source of types knows and cannot provide.
    #[error("the {what} `{name}` cannot be used: {reason}")]
    UnusableType {
        what: &'static str,
        name: Name,
        reason: String,
        /// Further lines, such as a traceback.
        detail: String,
    },
    /// A node type of the node library, in a program that is built without it.
    #[error("`{name}` is a node type of the node library, which this program is built without")]
    LibraryMissing { name: Name },
    /// A node type that `tube!` cannot find in Rust.
    #[error("node type `{name}` is neither of this crate nor of one that is named here")]
    UnlocatedType { name: Name },
    /// A node that is not there.
    #[error("node `{node}` depends on node `{missing}`, which does not exist")]
    UnknownNode {
        node: Name,
        missing: Name,
        near: Option<Name>,
        known: Vec<Name>,
    },
    /// An input that is not declared.
    #[error("node `{node}` uses input `{missing}`, which is not declared")]
    UnknownInput {
        node: Name,
        missing: Name,
        in_params: bool,
        near: Option<Name>,
    },
    /// An asset that is not declared.
    #[error("node `{node}` depends on asset `{missing}`, which is not declared")]
    UnknownAsset {
        node: Name,
        missing: Name,
        near: Option<Name>,
    },
    /// An asset type that is not registered.
    #[error("no asset type is called `{name}`")]
    UnknownAssetType {
        name: Name,
        near: Vec<Name>,
        known: Vec<Name>,
    },
    /// Params that an asset does not take.
    #[error("the `params` of asset `{asset}` do not fit: {reason}")]
    AssetParams { asset: Name, reason: String },
    /// An asset that is read when it has been replaced, or is about to be.
    #[error(
        "node `{node}` reads asset `{asset}` at the time when `{storing}` replaces it, or later"
    )]
    AssetReadLate {
        asset: Name,
        node: Name,
        storing: Name,
    },
    /// A warning: the node that is to replace an asset is not there.
    #[error("asset `{asset}` is never replaced: there is no node `{node}`")]
    AssetNeverReplaced {
        asset: Name,
        node: Name,
        near: Option<Name>,
    },
    /// A signal that its node does not have.
    #[error("node `{node}` ({type_name}) has no signal `{signal}`")]
    UnknownSignal {
        node: Name,
        type_name: Name,
        signal: Name,
        known: Vec<Name>,
        near: Option<Name>,
    },
    /// A dependency on the return node.
    #[error("nothing can depend on `{node}`: a return node emits nothing to other nodes")]
    DependsOnReturn { node: Name },
    /// A slot that its node does not have.
    #[error("node `{node}` ({type_name}) has no slot `{slot}`")]
    UnknownSlot {
        node: Name,
        type_name: Name,
        slot: Name,
        known: Vec<Name>,
        near: Option<Name>,
    },
    /// More items than slots.
    #[error("node `{node}` ({type_name}) takes {takes} by position, and gets {given}")]
    TooManyPositional {
        node: Name,
        type_name: Name,
        takes: String,
        given: usize,
        known: Vec<Name>,
    },
    /// A slot that is fed by position and by name, or by position and by `params`.
    #[error("slot `{slot}` of node `{node}` is fed by position and {again}")]
    PositionalAndNamed {
        node: Name,
        slot: Name,
        again: &'static str,
    },
    /// A slot that must be fed.
    #[error("node `{node}` ({type_name}) needs a value for `{slot}`")]
    UnfedSlot {
        node: Name,
        type_name: Name,
        slot: Name,
        param: bool,
    },
    /// A parameter that must be set.
    #[error("node `{node}` ({type_name}) needs the parameter `{param}`")]
    MissingParam {
        node: Name,
        type_name: Name,
        param: Name,
        param_type: Name,
    },
    /// A parameter that the type does not have.
    #[error("node `{node}` ({type_name}) has no parameter `{param}`")]
    UnknownParam {
        node: Name,
        type_name: Name,
        param: Name,
        known: Vec<Name>,
        near: Option<Name>,
        slot: bool,
    },
    /// A value that a parameter cannot take.
    #[error("parameter `{param}` of node `{node}` cannot be {value}: {reason}")]
    ParamValue {
        node: Name,
        param: Name,
        value: String,
        reason: String,
        param_type: Name,
    },
    /// A source with `depends`.
    #[error("node `{node}` ({type_name}) is a source: it takes no `depends`")]
    SourceDepends {
        node: Name,
        type_name: Name,
        params: Vec<Name>,
    },
    /// Nodes that wait for each other.
    #[error("these nodes wait for each other: {}", arrows(path))]
    Cycle { path: Vec<Name> },
    /// A node below two maps that have nothing to do with each other.
    #[error(
        "node `{node}` is downstream of `{}` and of `{}`, two maps of which neither is downstream \
         of the other",
        maps.0,
        maps.1
    )]
    TwoMaps { node: Name, maps: (Name, Name) },
    /// An input that must be given.
    #[error("input `{input}` was not given")]
    MissingInput { input: Name, type_name: String },
    /// A value or default of another type than the declared one.
    #[error("{what} has the type `{type_name}` and cannot be {found}")]
    InputType {
        what: String,
        type_name: String,
        found: String,
        expected: String,
    },
    /// An input of a tube inside this one.
    #[error("node `{node}` gives no value for input `{input}` of tube `{tube}`")]
    MissingChildInput { node: Name, tube: Name, input: Name },
    /// An input of `process` that is needed before the first `process`.
    #[error("input `{input}` has no value yet when the tube is made: its scope is `process`")]
    InputTooLate { input: Name, used_in: &'static str },

    /// A type that never goes where it is led.
    #[error("{0}")]
    TypeMismatch(Box<TypeEdge>),

    // ---- placements ----
    /// A mistake of a placement file.
    #[error("{0}")]
    Placement(Box<PlacementMistake>),

    // ---- warnings ----
    /// A type of which not every value goes where it is led.
    #[error("{0}")]
    TypeNarrows(Box<TypeEdge>),
    /// A given input that is not declared.
    #[error("the given input `{input}` is not declared, and ignored")]
    GivenUnknown { input: Name, near: Option<Name> },
    /// An input of `process`, given for the whole tube.
    #[error("the given input `{input}` is ignored: its scope is `process`")]
    GivenTooEarly { input: Name },
    /// An input that is not used.
    #[error("input `{input}` is declared, and not used")]
    UnusedInput { input: Name },
    /// A value for a tube inside this one that it does not take.
    #[error("tube `{tube}` of node `{node}` ignores `{name}`: {why}")]
    IgnoredByTube {
        node: Name,
        tube: Name,
        name: Name,
        why: &'static str,
    },
    /// A node that waits for a disabled one.
    #[error("node `{node}` will never run: it depends on `{upstream}`, which is disabled")]
    NeverRuns { node: Name, upstream: Name },
    /// A function without slots that are fed, which is called for ever.
    #[error(
        "node `{node}` depends on nothing, and its type is no source that ends: a run without a \
         number of epochs never ends, even if other sources end"
    )]
    EndlessSource { node: Name },
    /// A stateful node that is to be started again, and knows no more what it knew.
    #[error(
        "node `{node}` cannot be started again in the middle of a run: it is stateful, and its \
         state is not kept"
    )]
    RestartForgets { node: Name },
    /// A gather that never emits anything.
    #[error("gather `{node}` will never emit anything: it has neither `n` nor `trigger`")]
    GatherNever { node: Name },
    /// A return of one value that is emitted once for each item of a map.
    #[error(
        "only the first item of an epoch is returned: `{signal}` is emitted for each item of map \
         `{map}`"
    )]
    FirstItemOnly { signal: String, map: Name },
    /// A gather that may emit several lists for the items of a map.
    #[error(
        "only the last list of an epoch is returned: gather `{node}` may emit several for the \
         items of map `{map}`"
    )]
    LastListOnly {
        node: Name,
        value: String,
        map: Name,
    },
    /// A gather that fails when its trigger fires.
    #[error("gather `{node}` has both `n` and `trigger`: it fails as soon as the trigger fires")]
    GatherBoth { node: Name },
}

impl DiagnosticKind {
    /// Returns whether the tube can run nevertheless.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        matches!(
            self,
            Self::GivenUnknown { .. }
                | Self::GivenTooEarly { .. }
                | Self::UnusedInput { .. }
                | Self::NeverRuns { .. }
                | Self::EndlessSource { .. }
                | Self::IgnoredByTube { .. }
                | Self::RestartForgets { .. }
                | Self::GatherNever { .. }
                | Self::FirstItemOnly { .. }
                | Self::LastListOnly { .. }
                | Self::TypeNarrows(_)
                | Self::GatherBoth { .. }
                | Self::AssetNeverReplaced { .. }
        )
    }
}

/// A dependency between two types that do not fit each other, or not always.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{source_signal}` is {emits}, and slot `{slot}` of node `{node}` takes `{takes}`: {reason}"
)]
pub struct TypeEdge {
    /// The signal, as `node.signal`.
    pub source_signal: String,
    /// Its type, as messages show it.
    pub emits: String,
    /// The node that it feeds.
    pub node: Name,
    /// The slot that it feeds.
    pub slot: Name,
    /// The type of the slot, as written.
    pub takes: String,
    /// Reason why the values do not fit.
    pub reason: String,
}

fn unknown_tube(name: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("the tube `{name}` cannot be used: {reason}"),
        None => format!("no tube is called `{name}`"),
    }
}

fn numbers(numbers: &[usize]) -> String {
    let numbers = numbers.iter().map(ToString::to_string);
    numbers.collect::<Vec<_>>().join(" and ")
}

/// Joins names by arrows: "`a` → `b`".
fn arrows(names: &[Name]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" → ")
}

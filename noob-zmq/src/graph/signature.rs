//! What the checks need to know of a node type; the registry of `node` gives it, so that `graph` need not know the registry.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Map, Name, TypeShape, Value};

/// Where node types are looked up.
pub trait NodeTypes {
    /// The signature of the type of this name.
    fn signature(&self, type_name: &str) -> Option<Signature>;

    /// The signature of the type of this name for a node with these `params`. Differs from [`signature`](Self::signature) only for
    /// types whose slots or signals follow from their parameters.
    fn signature_with(&self, type_name: &str, params: &Map) -> Option<Signature> {
        let _ = params;
        self.signature(type_name)
    }

    /// Every name, for "did you mean".
    fn names(&self) -> Vec<Name>;

    /// The parameters of the asset type of this name.
    fn asset(&self, type_name: &str) -> Option<Signature> {
        let _ = type_name;
        None
    }

    /// Every name of an asset type, for "did you mean".
    fn asset_names(&self) -> Vec<Name> {
        Vec::new()
    }
}

/// What the checks of a tube know of a node type.
///
/// Write `..Signature::default()` behind what you know: the default is a stateless type without parameters, slots or signals.
#[derive(Debug, Clone, Default)]
pub struct Signature {
    /// What `params:` may set.
    pub params: Vec<ParamSignature>,
    /// What `depends:` may feed, in the order of the arguments.
    pub slots: Vec<SlotSignature>,
    /// What it says.
    pub signals: Vec<Name>,
    /// What is known of the types of the signals, by their names.
    pub signal_types: IndexMap<Name, SignalType>,
    /// Stateful unless the tube says otherwise.
    pub stateful: bool,
    /// Whether what it knows can be taken from one process to the next (it has snapshot and restore hooks).
    pub restorable: bool,
    /// Whether it takes no `depends` at all (a source).
    pub source: bool,
    /// Whether it takes positional items beyond its slots (`*args` in Python).
    pub more_positional: bool,
    /// Whether it takes slots of any other name (`**kwargs` in Python); such slots are optional.
    pub more_named: bool,
    /// The type of such slots, as written, and what its values look like.
    pub more_shape: Option<(Name, TypeShape)>,
    /// What it takes as a parameter of any other name, if it takes such.
    pub more_params: Option<ParamSignature>,
    /// Whether a call is given the events that feed it, and not only their values.
    pub events: bool,
    /// Where it is written, for messages.
    pub defined_at: String,
}

/// Says why a value cannot become a parameter.
pub type ParamCheck = Arc<dyn Fn(&Value) -> Result<(), String> + Send + Sync>;

/// A parameter.
#[derive(Clone)]
pub struct ParamSignature {
    /// Its name.
    pub name: Name,
    /// Its type, as written.
    pub type_name: Name,
    /// Whether it must be given.
    pub required: bool,
    /// Says why a value cannot become this parameter.
    pub check: ParamCheck,
}

impl fmt::Debug for ParamSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParamSignature")
            .field("name", &self.name)
            .field("type_name", &self.type_name)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}

/// A slot.
#[derive(Debug, Clone)]
pub struct SlotSignature {
    /// Its name.
    pub name: Name,
    /// Its type, as written.
    pub type_name: Name,
    /// What it takes.
    pub shape: TypeShape,
    /// Runs without it when nothing happened on what feeds it.
    pub optional: bool,
    /// Must be given, by `depends` or by `params`.
    pub required: bool,
}

/// The type of what a signal carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignalType {
    /// As written.
    pub written: Name,
    /// What its values look like.
    pub shape: TypeShape,
}

/// Inputs given by the caller.
pub type GivenInputs = Map;
